#include "agent/inspect/jetty/jetty_facts.h"

#include <limits.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/inspect/jetty/deployed_cookies.h"
#include "agent/inspect/jetty/java_runtime.h"
#include "agent/inspect/jetty/jetty_layout.h"
#include "agent/inspect/jetty/jetty_xml.h"
#include "agent/inspect/jetty/session_stores.h"
#include "agent/inspect/jetty/start_files.h"
#include "common/file.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kMaxXml = 1 << 20;
constexpr std::size_t kMaxHotrod = 64 << 10;

std::string Parent(const std::string& path) { return path.substr(0, path.rfind('/')); }

std::string Absolute(const std::string& path, const std::string& directory) {
  return path.empty() || path.front() == '/' ? path : absl::StrCat(directory, "/", path);
}

// Adds it with links resolved if it is there; `directory`: only a directory.
void AddExisting(const std::string& path, bool directory, std::vector<std::string>* paths) {
  char resolved[PATH_MAX];
  std::error_code ignored;
  if (path.empty() || realpath(path.c_str(), resolved) == nullptr) return;
  if (directory && !std::filesystem::is_directory(resolved, ignored)) return;
  if (std::find(paths->begin(), paths->end(), resolved) == paths->end()) paths->push_back(resolved);
}

// What lies below another of them is seen with that one.
void DropNested(std::vector<std::string>* paths) {
  const std::vector<std::string> all = *paths;
  const auto nested = [&all](const std::string& path) {
    return std::any_of(all.begin(), all.end(),
                       [&path](const std::string& other) { return absl::StartsWith(path, absl::StrCat(other, "/")); });
  };
  paths->erase(std::remove_if(paths->begin(), paths->end(), nested), paths->end());
}

class Reader {
 public:
  explicit Reader(const UnitState& unit)
      : unit_(unit), layout_(LocateJetty({unit.main_pid, unit.working_directory, unit.environment, unit.exec_start})) {}

  JettyFacts Run() {
    facts_.runtime = ReadRuntime(layout_);
    AddEnvironmentFiles();
    if (layout_.base.empty()) {
      facts_.sessions.set_error(absl::StrCat("Jetty's configuration was not found: ", layout_.error));
      facts_.sessions.set_store("unknown");
      return std::move(facts_);
    }
    StartConfiguration start = ReadStartFiles(layout_.home, layout_.base, layout_.arguments, layout_.system_properties);
    AddError(start.error);
    for (const auto& [name, value] : start.arguments.properties) {
      lookup_.properties[name] = ExpandProperties(value, start.arguments.properties);
    }
    lookup_.environment = layout_.environment;
    AddPlaces();
    AddSessions(start);
    return std::move(facts_);
  }

 private:
  void AddError(absl::string_view error) {
    v1::SessionConfigurationFact& sessions = facts_.sessions;
    if (!error.empty()) sessions.set_error(absl::StrCat(sessions.error(), sessions.error().empty() ? "" : "; ", error));
  }

  std::string Property(const std::string& name) const {
    const auto found = lookup_.properties.find(name);
    return found == lookup_.properties.end() ? "" : found->second;
  }
  std::string Below(const std::string& name) const { return absl::StrCat(layout_.base, "/", name); }

  void AddEnvironmentFiles() {
    for (const v1::FileFact& file : unit_.facts.environment_files()) {
      AddExisting(file.path(), false, &facts_.configuration_roots);
    }
    // jetty.sh reads these by itself.
    const bool script = !unit_.exec_start.empty() && absl::EndsWith(unit_.exec_start[0], "/jetty.sh");
    if (!script) return;
    for (const char* const path : {"/etc/default/jetty", "/etc/default/jetty9"}) {
      AddExisting(path, false, &facts_.configuration_roots);
    }
  }

  // As jetty-deploy.xml says it: a path of its own, or one below the base.
  std::string Webapps() const {
    std::string path = Property("jetty.deploy.monitoredPath");
    for (const char* const name : {"jetty.deploy.monitoredDir", "jetty.deploy.monitoredDirName"}) {
      if (path.empty()) path = Property(name);
    }
    return Absolute(path.empty() ? "webapps" : path, layout_.base);
  }

  void AddPlaces() {
    AddExisting(Webapps(), true, &facts_.archive_roots);
    // Drivers and libraries that are added to Jetty's own.
    AddExisting(Below("lib/ext"), true, &facts_.archive_roots);
    for (const char* const name : {"start.ini", "start.d", "etc", "modules", "resources"}) {
      AddExisting(Below(name), false, &facts_.configuration_roots);
    }
    DropNested(&facts_.configuration_roots);
    std::vector<std::string>& writable = facts_.writable_paths;
    for (const char* const name : {"logs", "work"}) AddExisting(Below(name), true, &writable);
    for (const char* const name : {"jetty.requestlog.dir", "jetty.logging.dir"}) {
      AddExisting(Absolute(Property(name), layout_.base), true, &writable);
    }
    if (const std::string state = Property("jetty.state"); !state.empty()) {
      AddExisting(Parent(Absolute(state, layout_.working_directory)), true, &writable);
    }
  }

  void AddSessions(const StartConfiguration& start) {
    SessionEvidence evidence;
    evidence.modules = start.arguments.modules.in_order();
    evidence.properties = lookup_.properties;
    evidence.environment = layout_.environment;
    evidence.working_directory = layout_.working_directory.empty() ? layout_.base : layout_.working_directory;
    for (const std::string& file : start.xml_files) {
      const absl::StatusOr<std::string> text = ReadSmallFile(file, kMaxXml);
      if (!text.ok()) {
        AddError(text.status().message());
        continue;
      }
      absl::StatusOr<JettyXml> xml = ReadJettyXml(*text, lookup_);
      if (xml.ok()) {
        evidence.xml.push_back(*std::move(xml));
      } else {
        AddError(absl::StrCat(file, ": ", xml.status().message()));
      }
    }
    DeployedCookies deployed = ReadDeployedCookies(Webapps(), Descriptor(), lookup_);
    AddError(deployed.error);
    for (JettyXml& xml : deployed.context_xml) {
      // An application's own context has no say in the server's worker name.
      xml.worker_name.reset();
      evidence.xml.push_back(std::move(xml));
    }
    evidence.hotrod_servers = HotrodServers();
    SessionStores stores = JudgeSessions(evidence);
    const std::string earlier = facts_.sessions.error();
    facts_.sessions = std::move(stores.fact);
    AddError(earlier);
    facts_.sessions.set_cookie(deployed.names);
    facts_.session_store_directory = std::move(stores.directory);
    facts_.stores = std::move(stores.stores);
  }

  // What each application's web.xml is laid over.
  std::string Descriptor() const {
    const std::string named = Property("jetty.deploy.defaultsDescriptorPath");
    if (!named.empty()) return Absolute(named, layout_.base);
    return absl::StrCat(layout_.home, "/etc/webdefault.xml");
  }

  std::string HotrodServers() {
    const std::string path = Below("resources/hotrod-client.properties");
    const absl::StatusOr<std::string> text = ReadSmallFile(path, kMaxHotrod);
    if (!text.ok()) {
      if (!absl::IsNotFound(text.status())) AddError(text.status().message());
      return "";
    }
    StartArguments properties;
    if (const absl::Status status = AddStartText(*text, path, &properties); !status.ok()) AddError(status.message());
    const auto servers = properties.properties.find("infinispan.client.hotrod.server_list");
    return servers == properties.properties.end() ? "" : servers->second;
  }

  const UnitState& unit_;
  const JettyLayout layout_;
  XmlLookup lookup_;
  JettyFacts facts_;
};

}  // namespace

JettyFacts ReadJetty(const UnitState& unit) { return Reader(unit).Run(); }

}  // namespace jettyfleet
