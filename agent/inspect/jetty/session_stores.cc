#include "agent/inspect/jetty/session_stores.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "agent/inspect/jetty/mask_secrets.h"

namespace jettyfleet {
namespace {

constexpr int kMaxProperties = 200;
constexpr std::size_t kMaxStores = 32;
constexpr char kWorkerName[] = "jetty.sessionIdManager.workerName";
constexpr char kNotTold[] =
    "where the store is cannot be told from Jetty's configuration; name it as sessions.store_address in the "
    "description";
// A second-level cache in front of a store, and not a store by itself.
constexpr char kSecondLevel[] = "memcached";

struct NamedKind {
  const char* part;
  const char* kind;
};
// What a name says of the store; the first that fits.
constexpr NamedKind kNamedKinds[] = {{"redis", "redis"},
                                     {"jedis", "redis"},
                                     {"lettuce", "redis"},
                                     {"memcache", kSecondLevel},
                                     {"jdbc", "jdbc"},
                                     {"mongo", "mongo"},
                                     {"gcloud", "gcloud"},
                                     {"hazelcast", "hazelcast"},
                                     {"infinispan", "infinispan"},
                                     {"file", "file"}};

std::string KindByName(absl::string_view lower_name) {
  for (const NamedKind& named : kNamedKinds) {
    if (absl::StrContains(lower_name, named.part)) return named.kind;
  }
  return "unknown";
}

// Empty: the module is about no store.
std::string KindOfModule(const std::string& module) {
  absl::string_view name = module;
  const std::string lower = absl::AsciiStrToLower(name);
  name = lower;
  if (absl::ConsumePrefix(&name, "session-store-")) return name == "cache" ? kSecondLevel : KindByName(name);
  // Third-party ones have names of their own.
  const std::string kind = absl::StrContains(name, "session") ? KindByName(name) : "";
  return kind == "redis" ? kind : "";
}

// Empty: the class is no store.
std::string KindOfClass(const std::string& class_name) {
  const std::string lower = absl::AsciiStrToLower(class_name);
  const absl::string_view name = absl::string_view(lower).substr(lower.rfind('.') + 1);
  if (absl::StrContains(name, "nullsessiondatastore")) return "";
  if (absl::StrContains(name, "cachingsessiondatastore") || absl::StrContains(name, "sessiondatamap")) {
    return kSecondLevel;
  }
  if (absl::StrContains(name, "sessiondatastore")) return KindByName(name);
  const std::string kind = absl::StrContains(name, "session") ? KindByName(lower) : "";
  return kind == "redis" ? kind : "";
}

class Judge {
 public:
  explicit Judge(const SessionEvidence& evidence) : evidence_(evidence) {}

  SessionStores Run() {
    v1::SessionConfigurationFact& fact = result_.fact;
    for (const std::string& module : evidence_.modules) {
      const std::string kind = KindOfModule(module);
      if (absl::StrContains(absl::AsciiStrToLower(module), "session") || !kind.empty()) fact.add_modules(module);
      NoteKind(kind);
      if (module == "session-cache-null") null_cache_ = true;
    }
    for (const JettyXml& xml : evidence_.xml) {
      for (const std::string& class_name : xml.classes) {
        NoteKind(KindOfClass(class_name));
        if (absl::StrContains(class_name, "NullSessionCache")) null_cache_ = true;
      }
    }
    if (kinds_.size() > 1) {
      fact.set_error(absl::StrCat("more than one session store is configured: ", absl::StrJoin(kinds_, ", ")));
      fact.set_store("unknown");
    } else if (!kinds_.empty()) {
      fact.set_store(*kinds_.begin());
    } else {
      fact.set_store(second_level_ ? kSecondLevel : "memory");
    }
    fact.set_cache(null_cache_ ? "null" : "default");
    AddWorkerName();
    AddProperties();
    for (const std::string& kind : kinds_) AddStores(kind);
    if (second_level_) AddMemcached();
    return std::move(result_);
  }

 private:
  void NoteKind(const std::string& kind) {
    if (kind == kSecondLevel) {
      second_level_ = true;
    } else if (!kind.empty()) {
      kinds_.insert(kind);
    }
  }

  std::string Property(const std::string& name) const {
    const auto found = evidence_.properties.find(name);
    return found == evidence_.properties.end() ? "" : found->second;
  }

  bool Enabled(absl::string_view module) const {
    return std::find(evidence_.modules.begin(), evidence_.modules.end(), module) != evidence_.modules.end();
  }

  void AddWorkerName() {
    const std::string property = Property(kWorkerName);
    std::optional<std::string> name;
    for (const JettyXml& xml : evidence_.xml) {
      if (xml.worker_name.has_value()) name = xml.worker_name;
    }
    if (!name.has_value() && Enabled("sessions") && !property.empty()) name = property;
    if (!name.has_value()) {
      // What Jetty's own code does where nothing configures it.
      const auto instance = evidence_.environment.find("JETTY_WORKER_INSTANCE");
      if (instance != evidence_.environment.end()) name = absl::StrCat("node", instance->second);
    }
    if (name.has_value() && name->empty()) {
      result_.fact.set_error(absl::StrCat(result_.fact.error(), result_.fact.error().empty() ? "" : "; ",
                                          "the worker name is computed in XML, and cannot be told from its text"));
    }
    if (name.has_value() && (*name != "node0" || property == *name)) result_.fact.set_worker_name(*name);
  }

  void AddProperties() {
    for (const auto& [name, value] : evidence_.properties) {
      if (!absl::StrContains(absl::AsciiStrToLower(name), "session")) continue;
      if (result_.fact.properties_size() >= kMaxProperties) return;
      v1::SettingFact* const setting = result_.fact.add_properties();
      setting->set_name(name);
      setting->set_value(IsSecretKey(name) && !value.empty() ? MaskOf(value) : MaskValue(value));
    }
  }

  void Add(StoreAddress address) {
    for (const StoreAddress& known : result_.stores) {
      if (known.kind == address.kind && known.error == address.error &&
          StoreAddressText(known) == StoreAddressText(address)) {
        return;
      }
    }
    if (result_.stores.size() < kMaxStores) result_.stores.push_back(std::move(address));
  }

  void AddUnknown(const std::string& kind, absl::string_view why) {
    StoreAddress address;
    address.kind = kind;
    address.error = std::string(why);
    Add(std::move(address));
  }

  // True: the URL is one of this kind of store.
  bool AddUrl(absl::string_view url, const std::string& kind) {
    if (!IsStoreUrl(url)) return false;
    std::vector<StoreAddress> addresses = ParseStoreUrl(url);
    if (addresses[0].kind != kind) return false;
    for (StoreAddress& address : addresses) Add(std::move(address));
    return true;
  }

  bool AddXmlUrls(const std::string& kind) {
    bool found = false;
    for (const JettyXml& xml : evidence_.xml) {
      for (const std::string& url : xml.store_urls) found = AddUrl(url, kind) || found;
    }
    return found;
  }

  bool AddServers(absl::string_view servers, const std::string& kind, uint16_t default_port) {
    bool found = false;
    for (const absl::string_view server : absl::StrSplit(servers, absl::ByAnyChar(",; "), absl::SkipWhitespace())) {
      if (!AddUrl(server, kind)) Add(ParseHostPort(server, kind, default_port));
      found = true;
    }
    return found;
  }

  void AddStores(const std::string& kind) {
    if (kind == "file") return AddDirectory();
    bool found = false;
    if (kind == "jdbc") found = AddJdbc();
    if (kind == "mongo") found = AddMongo();
    if (kind == "redis") found = AddRedis();
    if (kind == "infinispan") found = AddServers(evidence_.hotrod_servers, kind, 11222);
    if (kind == "hazelcast") found = AddServers(Property("jetty.session.hazelcast.addresses"), kind, 5701);
    if (!found) AddUnknown(kind, kNotTold);
  }

  void AddDirectory() {
    std::string directory = Property("jetty.session.file.storeDir");
    for (const JettyXml& xml : evidence_.xml) {
      if (xml.store_directory.has_value() && !xml.store_directory->empty()) directory = *xml.store_directory;
    }
    if (directory.empty()) return AddUnknown("file", "jetty.session.file.storeDir is not set");
    if (directory.front() != '/') directory = absl::StrCat(evidence_.working_directory, "/", directory);
    while (directory.size() > 1 && directory.back() == '/') directory.pop_back();
    result_.directory = directory;
    StoreAddress address;
    address.kind = "file";
    address.directory = std::move(directory);
    Add(std::move(address));
  }

  bool AddJdbc() {
    // Jetty looks at the URL only where the driver makes the connections.
    if (Enabled("sessions/jdbc/datasource") || Property("db-connection-type") == "datasource")
      return AddXmlUrls("jdbc");
    return AddUrl(Property("jetty.session.jdbc.driverUrl"), "jdbc") || AddXmlUrls("jdbc");
  }

  bool AddMongo() {
    if (Property("connection-type") == "uri") return AddUrl(Property("jetty.session.mongo.connectionString"), "mongo");
    const std::string host = Property("jetty.session.mongo.host"), port = Property("jetty.session.mongo.port");
    if (host.empty() && port.empty() && AddUrl(Property("jetty.session.mongo.connectionString"), "mongo")) return true;
    Add(ParseHostPort(absl::StrCat(host.empty() ? "localhost" : host, port.empty() ? "" : ":", port), "mongo", 27017));
    return true;
  }

  // Third-party modules name their settings as they like.
  bool AddRedis() {
    bool found = AddXmlUrls("redis");
    for (const auto& [name, value] : evidence_.properties) {
      found = AddUrl(value, "redis") || found;
      absl::string_view stem = name;
      const std::string lower = absl::AsciiStrToLower(name);
      if (IsStoreUrl(value) || !absl::StrContains(lower, "redis") || value.empty()) continue;
      if (absl::ConsumeSuffix(&stem, "host") || absl::ConsumeSuffix(&stem, "hostname")) {
        const std::string port = Property(absl::StrCat(stem, "port"));
        Add(ParseHostPort(absl::StrCat(value, port.empty() ? "" : ":", port), "redis", 6379));
        found = true;
      } else {
        for (const absl::string_view ending : {"address", "addresses", "servers", "nodes", "hosts", "endpoints"}) {
          if (absl::EndsWith(lower, ending)) found = AddServers(value, "redis", 6379) || found;
        }
      }
    }
    return found;
  }

  void AddMemcached() {
    const std::string host = Property("jetty.session.memcached.host"), port = Property("jetty.session.memcached.port");
    Add(ParseHostPort(absl::StrCat(host.empty() ? "localhost" : host, port.empty() ? "" : ":", port), kSecondLevel,
                      11211));
  }

  const SessionEvidence& evidence_;
  std::set<std::string> kinds_;
  bool second_level_ = false;
  bool null_cache_ = false;
  SessionStores result_;
};

}  // namespace

SessionStores JudgeSessions(const SessionEvidence& evidence) { return Judge(evidence).Run(); }

}  // namespace jettyfleet
