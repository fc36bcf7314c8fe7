#include "common/identity.h"

#include <algorithm>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace jettyfleet {
namespace {

constexpr absl::string_view kScheme = "spiffe://";
// Scheme, fleet, "/cluster/", cluster, "/agent/", node; anything longer is refused before it is looked at.
constexpr std::size_t kLongestUri = 9 + 63 + 9 + 63 + 7 + 63;
constexpr Role kRoles[] = {Role::kCoordinator, Role::kAgent, Role::kLb, Role::kOperator, Role::kViewer};

bool IsNameCharacter(char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '.' || c == '-'; }

// What strangers send is quoted short and without control characters.
std::string Quote(absl::string_view text) { return absl::StrCat("'", absl::CHexEscape(text.substr(0, 80)), "'"); }

absl::Status NotAnIdentity(absl::string_view uri) {
  return absl::InvalidArgumentError(
      absl::StrCat("identity ", Quote(uri),
                   " is none of spiffe://FLEET/coordinator, /cluster/CLUSTER/agent/NODE, /lb/HOST, "
                   "/operator/NAME, /viewer/NAME; issue a certificate with `jettyfleet pki issue`"));
}

absl::Status CheckFields(const Identity& identity) {
  if (identity.role == Role::kNone) return absl::InvalidArgumentError("an identity needs a role");
  if (absl::Status fleet = CheckIdentityName("fleet", identity.fleet); !fleet.ok()) return fleet;
  if (identity.role == Role::kAgent) {
    if (absl::Status cluster = CheckIdentityName("cluster", identity.cluster); !cluster.ok()) return cluster;
  } else if (!identity.cluster.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("role ", RoleName(identity.role), " has no cluster"));
  }
  if (identity.role != Role::kCoordinator) return CheckIdentityName("name", identity.name);
  if (!identity.name.empty()) return absl::InvalidArgumentError("role coordinator has no name");
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckIdentityName(absl::string_view what, absl::string_view name) {
  const bool good = !name.empty() && name.size() <= kLongestIdentityName &&
                    std::all_of(name.begin(), name.end(), IsNameCharacter) && absl::ascii_isalnum(name.front()) &&
                    absl::ascii_isalnum(name.back()) && name.find("..") == absl::string_view::npos;
  if (good) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(what, " ", Quote(name),
                                                 " must be 1 to 63 of a-z, 0-9, '.' and '-', beginning and ending "
                                                 "with a letter or digit, without '..'"));
}

absl::StatusOr<Identity> ParseIdentity(absl::string_view uri) {
  absl::string_view rest = uri;
  if (uri.size() > kLongestUri || !absl::ConsumePrefix(&rest, kScheme)) return NotAnIdentity(uri);
  const std::vector<absl::string_view> parts = absl::StrSplit(rest, '/');
  Identity identity;
  identity.fleet = std::string(parts[0]);
  if (parts.size() == 2 && parts[1] == "coordinator") {
    identity.role = Role::kCoordinator;
  } else if (parts.size() == 5 && parts[1] == "cluster" && parts[3] == "agent") {
    identity.role = Role::kAgent;
    identity.cluster = std::string(parts[2]);
    identity.name = std::string(parts[4]);
  } else if (parts.size() == 3 && (parts[1] == "lb" || parts[1] == "operator" || parts[1] == "viewer")) {
    identity.role = ParseRole(parts[1]).value();
    identity.name = std::string(parts[2]);
  } else {
    return NotAnIdentity(uri);
  }
  if (absl::Status fields = CheckFields(identity); !fields.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("identity ", Quote(uri), ": ", fields.message()));
  }
  return identity;
}

absl::StatusOr<std::string> FormatIdentity(const Identity& identity) {
  if (absl::Status fields = CheckFields(identity); !fields.ok()) return fields;
  switch (identity.role) {
    case Role::kNone:
      break;
    case Role::kCoordinator:
      return absl::StrCat(kScheme, identity.fleet, "/coordinator");
    case Role::kAgent:
      return absl::StrCat(kScheme, identity.fleet, "/cluster/", identity.cluster, "/agent/", identity.name);
    case Role::kLb:
    case Role::kOperator:
    case Role::kViewer:
      return absl::StrCat(kScheme, identity.fleet, "/", RoleName(identity.role), "/", identity.name);
  }
  return absl::InvalidArgumentError("an identity needs a role");
}

absl::string_view RoleName(Role role) {
  switch (role) {
    case Role::kNone:
      break;
    case Role::kCoordinator:
      return "coordinator";
    case Role::kAgent:
      return "agent";
    case Role::kLb:
      return "lb";
    case Role::kOperator:
      return "operator";
    case Role::kViewer:
      return "viewer";
  }
  return "nobody";
}

absl::StatusOr<Role> ParseRole(absl::string_view name) {
  for (const Role role : kRoles) {
    if (RoleName(role) == name) return role;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("role ", Quote(name), " is none of coordinator, agent, lb, operator, viewer"));
}

std::string DescribeIdentity(const Identity& identity) {
  switch (identity.role) {
    case Role::kNone:
    case Role::kCoordinator:
      break;
    case Role::kAgent:
      return absl::StrCat("agent ", identity.name, " of cluster ", identity.cluster);
    case Role::kLb:
    case Role::kOperator:
    case Role::kViewer:
      return absl::StrCat(RoleName(identity.role), " ", identity.name);
  }
  return std::string(RoleName(identity.role));
}

}  // namespace jettyfleet
