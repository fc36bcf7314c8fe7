#include "agent/inspect/jetty/deployed_cookies.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/inspect/jetty/zip_members.h"
#include "common/file.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kMaxDescriptor = 1 << 20;
constexpr std::size_t kMaxApplications = 64;
constexpr char kWebXml[] = "WEB-INF/web.xml";
constexpr char kJettyWebXml[] = "WEB-INF/jetty-web.xml";
constexpr char kDefaultCookie[] = "JSESSIONID";

class Reader {
 public:
  Reader(const std::string& descriptor, const XmlLookup& lookup) : lookup_(lookup) {
    if (descriptor.empty()) return;
    const absl::StatusOr<std::string> text = ReadSmallFile(descriptor, kMaxDescriptor);
    if (text.ok()) {
      default_ = Cookie(*text, descriptor);
    } else if (!absl::IsNotFound(text.status())) {
      AddError(text.status().message());
    }
  }

  DeployedCookies Run(const std::string& webapps) {
    std::vector<std::filesystem::path> entries;
    std::error_code error;
    std::filesystem::directory_iterator entry(webapps, error), end;
    for (; !error && entry != end && entries.size() <= kMaxApplications; entry.increment(error)) {
      // As Jetty, which passes over hidden ones.
      if (!absl::StartsWith(entry->path().filename().string(), ".")) entries.push_back(entry->path());
    }
    if (error && error != std::errc::no_such_file_or_directory) {
      AddError(absl::StrCat(webapps, ": ", error.message()));
    }
    if (entries.size() > kMaxApplications) {
      AddError(absl::StrCat(webapps, ": holds more than ", kMaxApplications, " entries"));
      entries.resize(kMaxApplications);
    }
    std::sort(entries.begin(), entries.end());
    for (const std::filesystem::path& path : entries) Look(path);
    std::set<std::string> names;
    for (const auto& [application, cookie] : cookies_) names.insert(cookie);
    if (names.empty()) {
      result_.names = default_;
    } else if (names.size() > 1 || *names.begin() != kDefaultCookie) {
      result_.names = absl::StrJoin(names, ",");
    }
    return std::move(result_);
  }

 private:
  void AddError(absl::string_view error) {
    if (result_.error.empty()) result_.error = std::string(error);
  }

  std::string Cookie(const std::string& text, const std::string& path) {
    absl::StatusOr<std::string> cookie = CookieOfDescriptor(text);
    if (cookie.ok()) return *std::move(cookie);
    AddError(absl::StrCat(path, ": ", cookie.status().message()));
    return "";
  }

  void Look(const std::filesystem::path& path) {
    std::error_code ignored;
    const std::string extension = absl::AsciiStrToLower(path.extension().string());
    if (std::filesystem::is_directory(path, ignored)) {
      LookAtDirectory(path);
    } else if (extension == ".war") {
      const absl::StatusOr<std::map<std::string, std::string>> members =
          ReadZipMembers(path.string(), {kWebXml, kJettyWebXml}, kMaxDescriptor);
      if (!members.ok()) return AddError(members.status().message());
      Application(*members, path);
    } else if (extension == ".xml") {
      const absl::StatusOr<std::string> text = ReadSmallFile(path.string(), kMaxDescriptor);
      if (!text.ok()) return AddError(text.status().message());
      // It comes after the application of the same name, which it configures.
      const std::string cookie = Context(*text, path.string());
      if (!cookie.empty()) cookies_[path.stem().string()] = cookie;
    }
  }

  void LookAtDirectory(const std::filesystem::path& directory) {
    std::map<std::string, std::string> members;
    for (const char* const name : {kWebXml, kJettyWebXml}) {
      const std::string path = absl::StrCat(directory.string(), "/", name);
      absl::StatusOr<std::string> text = ReadSmallFile(path, kMaxDescriptor);
      if (text.ok()) {
        members[name] = *std::move(text);
      } else if (!absl::IsNotFound(text.status())) {
        AddError(text.status().message());
      }
    }
    // Also one without descriptors is an application; the folder of another's configuration is named NAME.d.
    if (directory.extension() != ".d") Application(members, directory);
  }

  void Application(const std::map<std::string, std::string>& members, const std::filesystem::path& path) {
    std::string cookie = default_;
    if (const auto web = members.find(kWebXml); web != members.end()) {
      const std::string own = Cookie(web->second, path.string());
      if (!own.empty()) cookie = own;
    }
    if (const auto jetty_web = members.find(kJettyWebXml); jetty_web != members.end()) {
      const std::string own = Context(jetty_web->second, path.string());
      if (!own.empty()) cookie = own;
    }
    cookies_[path.stem().string()] = cookie.empty() ? kDefaultCookie : cookie;
  }

  std::string Context(const std::string& text, const std::string& path) {
    absl::StatusOr<JettyXml> xml = ReadJettyXml(text, lookup_);
    if (!xml.ok()) {
      AddError(absl::StrCat(path, ": ", xml.status().message()));
      return "";
    }
    const std::string cookie = xml->cookie.value_or("");
    if (xml->cookie.has_value() && cookie.empty()) {
      AddError(absl::StrCat(path, ": the cookie's name is computed, and cannot be told from the text"));
    }
    result_.context_xml.push_back(*std::move(xml));
    return cookie;
  }

  const XmlLookup& lookup_;
  std::string default_;
  // By the application's name: one may be there as a directory, a WAR file and a context file.
  std::map<std::string, std::string> cookies_;
  DeployedCookies result_;
};

}  // namespace

DeployedCookies ReadDeployedCookies(const std::string& webapps, const std::string& descriptor,
                                    const XmlLookup& lookup) {
  return Reader(descriptor, lookup).Run(webapps);
}

}  // namespace jettyfleet
