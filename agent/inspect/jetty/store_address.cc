#include "agent/inspect/jetty/store_address.h"

#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kMaxServers = 32;
constexpr std::size_t kMaxHost = 253;

struct Scheme {
  const char* prefix;
  const char* kind;
  uint16_t port;
  bool tls;
};

// SCHEME://[USER[:PASSWORD]@]HOST[:PORT][,HOST[:PORT]...][/...]. Ports are each driver's own default.
constexpr Scheme kSchemes[] = {
    {"jdbc:postgresql://", "jdbc", 5432, false},
    {"jdbc:mysql://", "jdbc", 3306, false},
    {"jdbc:mysql:loadbalance://", "jdbc", 3306, false},
    {"jdbc:mysql:replication://", "jdbc", 3306, false},
    {"jdbc:mariadb://", "jdbc", 3306, false},
    {"jdbc:mariadb:failover://", "jdbc", 3306, false},
    {"jdbc:mariadb:sequential://", "jdbc", 3306, false},
    {"jdbc:mariadb:loadbalance://", "jdbc", 3306, false},
    {"jdbc:mariadb:replication://", "jdbc", 3306, false},
    {"redis://", "redis", 6379, false},
    {"rediss://", "redis", 6379, true},
    {"mongodb://", "mongo", 27017, false},
};

StoreAddress Unknown(absl::string_view kind, absl::string_view why) {
  StoreAddress address;
  address.kind = std::string(kind);
  address.error = std::string(why);
  return address;
}

bool IsHost(absl::string_view host) {
  if (host.empty() || host.size() > kMaxHost) return false;
  for (const char c : host) {
    if (!absl::ascii_isalnum(c) && c != '.' && c != '-' && c != '_' && c != ':' && c != '%') return false;
  }
  return true;
}

std::vector<StoreAddress> ParseServers(absl::string_view servers, const Scheme& scheme) {
  std::vector<StoreAddress> addresses;
  for (const absl::string_view server : absl::StrSplit(servers, ',')) {
    if (addresses.size() >= kMaxServers) {
      addresses.push_back(Unknown(scheme.kind, "the URL names more than 32 servers"));
      break;
    }
    // All drivers above take no host at all for this one.
    addresses.push_back(ParseHostPort(server.empty() ? "localhost" : server, scheme.kind, scheme.port));
    addresses.back().tls = scheme.tls;
  }
  return addresses;
}

// jdbc:oracle:thin:[USER/PASSWORD]@[//]HOST:PORT:SID, .../SERVICE, or a TNS description.
std::vector<StoreAddress> ParseOracle(absl::string_view rest) {
  const std::size_t at = rest.rfind('@');
  if (at == absl::string_view::npos) return {Unknown("jdbc", "the JDBC URL names no server")};
  rest.remove_prefix(at + 1);
  if (absl::ConsumePrefix(&rest, "tcps://")) absl::ConsumePrefix(&rest, "//");
  absl::ConsumePrefix(&rest, "tcp:");
  absl::ConsumePrefix(&rest, "//");
  if (!rest.empty() && rest.front() == '(') {
    return {
        Unknown("jdbc", "the JDBC URL holds a TNS description; name the server in the description's store_address")};
  }
  const std::size_t colon = rest.find(':');
  if (colon == absl::string_view::npos && rest.find('/') == absl::string_view::npos) {
    return {Unknown("jdbc", "the JDBC URL holds a TNS alias; name the server in the description's store_address")};
  }
  rest = rest.substr(0, rest.find_first_of("/?"));
  const std::size_t sid = rest.find(':', rest.find(':') == absl::string_view::npos ? rest.size() : rest.find(':') + 1);
  return {ParseHostPort(rest.substr(0, sid), "jdbc", 1521)};
}

// jdbc:sqlserver://[HOST[\INSTANCE][:PORT]][;NAME=VALUE...]
std::vector<StoreAddress> ParseSqlServer(absl::string_view rest) {
  const std::vector<absl::string_view> parts = absl::StrSplit(rest, ';');
  const absl::string_view server = parts[0];
  const std::size_t instance = server.find('\\');
  absl::string_view host = server.substr(0, instance);
  const std::size_t colon = server.rfind(':');
  absl::string_view port = colon == absl::string_view::npos ? "" : server.substr(colon + 1);
  if (instance == absl::string_view::npos) host = server.substr(0, colon);
  for (const absl::string_view part : parts) {
    const std::vector<absl::string_view> pair = absl::StrSplit(part, absl::MaxSplits('=', 1));
    if (pair.size() != 2) continue;
    const std::string name = absl::AsciiStrToLower(pair[0]);
    if ((name == "servername" || name == "server") && host.empty()) host = pair[1];
    if ((name == "portnumber" || name == "port") && port.empty()) port = pair[1];
  }
  if (port.empty() && instance != absl::string_view::npos) {
    return {Unknown("jdbc", "the JDBC URL names an instance without a port, which only SQL Server Browser knows")};
  }
  if (host.empty()) host = "localhost";
  return {ParseHostPort(port.empty() ? std::string(host) : absl::StrCat(host, ":", port), "jdbc", 1433)};
}

// Whether the URL's parameters ask the driver for TLS from the first byte on.
bool AsksForTls(absl::string_view url) {
  const std::string text = absl::AsciiStrToLower(url);
  return absl::StrContains(text, "tls=true") || absl::StrContains(text, "ssl=true");
}

}  // namespace

std::string StoreAddressText(const StoreAddress& address) {
  if (!address.directory.empty()) return address.directory;
  if (address.host.empty()) return "";
  const bool v6 = absl::StrContains(address.host, ':');
  return absl::StrCat(v6 ? "[" : "", address.host, v6 ? "]:" : ":", address.port);
}

StoreAddress ParseHostPort(absl::string_view text, absl::string_view kind, uint16_t default_port) {
  text = absl::StripAsciiWhitespace(text);
  absl::string_view host = text, port;
  if (absl::ConsumePrefix(&host, "[")) {
    const std::size_t end = host.find(']');
    if (end == absl::string_view::npos) return Unknown(kind, "the store's address has a '[' without a ']'");
    port = host.substr(end + 1);
    host = host.substr(0, end);
    if (!port.empty() && !absl::ConsumePrefix(&port, ":")) return Unknown(kind, "the store's address is not HOST:PORT");
  } else if (const std::size_t colon = host.find(':'); colon != absl::string_view::npos) {
    port = host.substr(colon + 1);
    host = host.substr(0, colon);
  }
  if (!IsHost(host)) return Unknown(kind, "the store's address holds no name of a host");
  uint32_t number = default_port;
  if (!port.empty() && (!absl::SimpleAtoi(port, &number) || number == 0 || number > 65535)) {
    return Unknown(kind, "the store's address has a port that is none");
  }
  if (number == 0) return Unknown(kind, "the store's address has no port");
  StoreAddress address;
  address.kind = std::string(kind);
  address.host = std::string(host);
  address.port = static_cast<uint16_t>(number);
  return address;
}

bool IsStoreUrl(absl::string_view text) {
  for (const absl::string_view prefix : {"jdbc:", "redis://", "rediss://", "mongodb://", "mongodb+srv://"}) {
    if (absl::StartsWithIgnoreCase(text, prefix)) return true;
  }
  return false;
}

std::vector<StoreAddress> ParseStoreUrl(absl::string_view url) {
  url = absl::StripAsciiWhitespace(url);
  for (const Scheme& scheme : kSchemes) {
    const absl::string_view prefix = scheme.prefix;
    if (!absl::StartsWithIgnoreCase(url, prefix)) continue;
    absl::string_view servers = url.substr(prefix.size());
    servers = servers.substr(0, servers.find_first_of("/?;"));
    // A password may hold an '@' that was not escaped; hosts hold none.
    if (const std::size_t at = servers.rfind('@'); at != absl::string_view::npos) servers.remove_prefix(at + 1);
    if (servers.find('(') != absl::string_view::npos) {
      return {Unknown(scheme.kind, "the JDBC URL describes its servers in another form than HOST:PORT")};
    }
    std::vector<StoreAddress> addresses = ParseServers(servers, scheme);
    if (absl::string_view(scheme.kind) == "mongo" && AsksForTls(url)) {
      for (StoreAddress& address : addresses) address.tls = true;
    }
    return addresses;
  }
  absl::string_view rest = url;
  if (absl::StartsWithIgnoreCase(rest, "jdbc:oracle:thin:")) return ParseOracle(rest.substr(17));
  if (absl::StartsWithIgnoreCase(rest, "jdbc:sqlserver://")) return ParseSqlServer(rest.substr(17));
  // jdbc:postgresql:DATABASE is the one on this host.
  if (absl::StartsWithIgnoreCase(rest, "jdbc:postgresql:")) return {ParseHostPort("localhost", "jdbc", 5432)};
  if (absl::StartsWithIgnoreCase(rest, "mongodb+srv://")) {
    return {Unknown("mongo", "the URL names a DNS service (mongodb+srv), not a server")};
  }
  for (const absl::string_view embedded : {"jdbc:h2:", "jdbc:derby:", "jdbc:hsqldb:", "jdbc:sqlite:"}) {
    if (absl::StartsWithIgnoreCase(rest, embedded)) {
      return {Unknown("jdbc",
                      "the JDBC URL is of a database that runs within the application, or of its server in a "
                      "form that is not known; other nodes cannot be judged by it")};
    }
  }
  return {Unknown(absl::StartsWithIgnoreCase(rest, "jdbc:") ? "jdbc" : "unknown",
                  "the URL is of a form that is not known; name the server in the description's store_address")};
}

}  // namespace jettyfleet
