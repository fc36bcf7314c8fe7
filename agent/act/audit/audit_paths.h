// Where a host keeps what an audit looks at; tests have directories of their own.
#ifndef JETTYFLEET_AGENT_ACT_AUDIT_AUDIT_PATHS_H_
#define JETTYFLEET_AGENT_ACT_AUDIT_AUDIT_PATHS_H_

#include <string>
#include <vector>

namespace jettyfleet {

struct AuditPaths {
  // systemd-coredump's, and Pacemaker's, which has one directory below it for each user.
  std::vector<std::string> cores = {"/var/lib/systemd/coredump", "/var/lib/pacemaker/cores"};
  std::string var = "/var";
  // The first that is there: the journal is kept on the disk, or else in memory only.
  std::vector<std::string> journal = {"/var/log/journal", "/run/log/journal"};
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_AUDIT_AUDIT_PATHS_H_
