#include "agent/inspect/jetty/java_runtime.h"

#include <cstddef>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "agent/inspect/jetty/zip_members.h"
#include "common/file.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kMaxRelease = 256 << 10;
constexpr std::size_t kMaxManifest = 256 << 10;
constexpr char kManifest[] = "META-INF/MANIFEST.MF";

std::string Parent(absl::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? "" : std::string(path.substr(0, slash));
}

void AddError(absl::string_view error, v1::RuntimeFact* fact) {
  fact->set_error(absl::StrCat(fact->error(), fact->error().empty() ? "" : "; ", error));
}

void ReadJavaVersion(const std::string& java, v1::RuntimeFact* fact) {
  if (java.empty()) return AddError("no java was found", fact);
  if (absl::EndsWith(java, " (deleted)")) {
    return AddError("the running java was replaced on disk since it was started; its version is known after a restart",
                    fact);
  }
  // JDK/bin/java, and JDK/jre/bin/java before Java 9.
  const std::string jdk = Parent(Parent(java));
  absl::StatusOr<std::string> release = ReadSmallFile(absl::StrCat(jdk, "/release"), kMaxRelease);
  if (absl::IsNotFound(release.status()) && absl::EndsWith(jdk, "/jre")) {
    release = ReadSmallFile(absl::StrCat(Parent(jdk), "/release"), kMaxRelease);
  }
  if (!release.ok()) return AddError(absl::StrCat("Java's version: ", release.status().message()), fact);
  fact->set_java_version(ReleaseValue(*release, "JAVA_VERSION"));
  fact->set_java_vendor(ReleaseValue(*release, "IMPLEMENTOR"));
  if (fact->java_version().empty()) AddError(absl::StrCat(jdk, "/release: holds no JAVA_VERSION"), fact);
}

std::string ManifestVersion(absl::string_view manifest) {
  for (absl::string_view line : absl::StrSplit(manifest, '\n')) {
    line = absl::StripTrailingAsciiWhitespace(line);
    if (absl::ConsumePrefix(&line, "Implementation-Version: ")) return std::string(line);
  }
  return "";
}

void ReadJettyVersion(const std::string& home, v1::RuntimeFact* fact) {
  std::set<std::string> versions;
  std::error_code error;
  std::filesystem::directory_iterator entry(absl::StrCat(home, "/lib"), error), end;
  for (int seen = 0; !error && entry != end && seen < 10000; entry.increment(error), ++seen) {
    const std::string version = JettyVersionOfJar(entry->path().filename().string());
    if (!version.empty()) versions.insert(version);
  }
  if (versions.size() > 1) {
    return AddError(absl::StrCat(home, "/lib: holds more than one jetty-server-VERSION.jar; remove the older"), fact);
  }
  if (versions.size() == 1) return fact->set_jetty_version(*versions.begin());
  const std::string jar = absl::StrCat(home, "/start.jar");
  const absl::StatusOr<std::map<std::string, std::string>> members = ReadZipMembers(jar, {kManifest}, kMaxManifest);
  if (!members.ok()) return AddError(absl::StrCat("Jetty's version: ", members.status().message()), fact);
  const auto manifest = members->find(kManifest);
  if (manifest != members->end()) fact->set_jetty_version(ManifestVersion(manifest->second));
  if (fact->jetty_version().empty()) AddError(absl::StrCat(jar, ": its manifest names no version"), fact);
}

}  // namespace

std::string ReleaseValue(absl::string_view release, absl::string_view key) {
  for (absl::string_view line : absl::StrSplit(release, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (!absl::ConsumePrefix(&line, key) || !absl::ConsumePrefix(&line, "=")) continue;
    if (absl::ConsumePrefix(&line, "\"")) absl::ConsumeSuffix(&line, "\"");
    return std::string(line);
  }
  return "";
}

std::string JettyVersionOfJar(absl::string_view file_name) {
  if (!absl::ConsumePrefix(&file_name, "jetty-server-") || !absl::ConsumeSuffix(&file_name, ".jar")) return "";
  return !file_name.empty() && absl::ascii_isdigit(file_name[0]) ? std::string(file_name) : "";
}

v1::RuntimeFact ReadRuntime(const JettyLayout& layout) {
  v1::RuntimeFact fact;
  fact.set_running(layout.running);
  fact.set_java_executable(layout.java);
  fact.set_jetty_home(layout.home);
  fact.set_jetty_base(layout.base);
  if (!layout.error.empty()) AddError(layout.error, &fact);
  // With a process that could not be looked at nothing is known of what runs.
  if (layout.running != v1::ANSWER_UNSPECIFIED) ReadJavaVersion(layout.java, &fact);
  if (!layout.home.empty()) ReadJettyVersion(layout.home, &fact);
  return fact;
}

}  // namespace jettyfleet
