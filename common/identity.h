// Who a certificate says its holder is: the URI subject alternative name, read and written in one place.
#ifndef JETTYFLEET_COMMON_IDENTITY_H_
#define JETTYFLEET_COMMON_IDENTITY_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace jettyfleet {

// kNone is what a default Identity has: nobody, allowed nothing.
enum class Role { kNone, kCoordinator, kAgent, kLb, kOperator, kViewer };

// A plain value. Which fields are set depends on the role:
//   kCoordinator  spiffe://FLEET/coordinator
//   kAgent        spiffe://FLEET/cluster/CLUSTER/agent/NAME   (NAME is the node)
//   kLb           spiffe://FLEET/lb/NAME                      (NAME is the host)
//   kOperator     spiffe://FLEET/operator/NAME
//   kViewer       spiffe://FLEET/viewer/NAME
struct Identity {
  std::string fleet;
  Role role = Role::kNone;
  std::string cluster;  // kAgent only
  std::string name;     // empty for kCoordinator

  bool operator==(const Identity&) const = default;
};

inline constexpr std::size_t kLongestIdentityName = 63;

// 1 to 63 characters of a-z, 0-9, '.' and '-', with a letter or digit at both ends and no "..": what fleets, clusters,
// nodes, hosts and operators may be called. InvalidArgument says what is wrong with it; `what` names it in the message.
absl::Status CheckIdentityName(absl::string_view what, absl::string_view name);

// Accepts exactly what FormatIdentity writes. InvalidArgument otherwise.
absl::StatusOr<Identity> ParseIdentity(absl::string_view uri);

// InvalidArgument: a name is missing, superfluous or malformed, or there is no role.
absl::StatusOr<std::string> FormatIdentity(const Identity& identity);

// "coordinator", "agent", "lb", "operator", "viewer"; "nobody" for kNone.
absl::string_view RoleName(Role role);

// The inverse; InvalidArgument lists what there is. "nobody" is not a role.
absl::StatusOr<Role> ParseRole(absl::string_view name);

// For people and for `who` in records: "operator alice", "agent node-01 of cluster blue", "coordinator".
std::string DescribeIdentity(const Identity& identity);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_IDENTITY_H_
