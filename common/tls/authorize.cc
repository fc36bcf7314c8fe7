#include "common/tls/authorize.h"

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

enum class For { kHosts, kNodes, kReaders, kOperators };

struct Rule {
  const char* method;
  For who;
};

constexpr Rule kRules[] = {
    {"Session", For::kHosts},
    {"GetStatus", For::kReaders},
    {"Discover", For::kReaders},
    {"Verify", For::kReaders},
    {"ListOperations", For::kReaders},
    {"GetOperation", For::kReaders},
    {"WatchOperation", For::kReaders},
    {"ListEvents", For::kReaders},
    {"Apply", For::kOperators},
    {"Plan", For::kReaders},
    {"Describe", For::kReaders},
    {"StartDrill", For::kOperators},
    {"PlanRollout", For::kReaders},
    {"StartRollout", For::kOperators},
    {"AbortOperation", For::kOperators},
    {"Restore", For::kOperators},
    {"ShowRoute", For::kReaders},
    {"ApplyRoute", For::kOperators},
    {"DrainNode", For::kOperators},
    {"RestoreNode", For::kOperators},
    {"ShiftTraffic", For::kOperators},
    {"Check", For::kReaders},
    {"ListChecks", For::kReaders},
    {"PreparePush", For::kOperators},
    {"PushArchive", For::kOperators},
    {"ListArchives", For::kReaders},
    {"RemoveArchive", For::kOperators},
    {"FetchArchive", For::kNodes},
    {"Backup", For::kOperators},
};

bool Includes(For who, Role role) {
  switch (who) {
    case For::kHosts:
      return role == Role::kAgent || role == Role::kLb;
    case For::kNodes:
      return role == Role::kAgent;
    case For::kReaders:
      return role == Role::kOperator || role == Role::kViewer;
    case For::kOperators:
      return role == Role::kOperator;
  }
  return false;
}

const char* Needed(For who) {
  switch (who) {
    case For::kHosts:
      return "an agent's or load balancer's";
    case For::kNodes:
      return "an agent's";
    case For::kReaders:
      return "an operator's or viewer's";
    case For::kOperators:
      return "an operator's";
  }
  return "another";
}

}  // namespace

absl::Status Authorize(const Identity& caller, absl::string_view method) {
  for (const Rule& rule : kRules) {
    if (method != rule.method) continue;
    if (Includes(rule.who, caller.role)) return absl::OkStatus();
    return absl::PermissionDeniedError(
        absl::StrCat(DescribeIdentity(caller), " may not call ", method, "; use ", Needed(rule.who), " certificate"));
  }
  return absl::PermissionDeniedError(absl::StrCat("nobody may call '", method, "'"));
}

}  // namespace jettyfleet
