// The programs of one host that are not the cluster's, as far as faults use them: systemctl, nft, and stonith_admin for
// what it is asked about fencing. What they print and how they exit was taken from systemd 252, nftables 1.0.6 and
// Pacemaker 2.1.5.
#ifndef JETTYFLEET_TESTS_TESTING_AGENT_FAKE_NODE_H_
#define JETTYFLEET_TESTS_TESTING_AGENT_FAKE_NODE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/process.h"

namespace jettyfleet {

struct FakeNode {
  struct Unit {
    std::string active_state = "inactive";
    int main_process = 0;
    std::string control_group;
    std::string file_state = "enabled";
  };

  // nullopt: not one of these programs, or not one of their commands that this knows.
  std::optional<CommandResult> Run(const std::vector<std::string>& argv);

  // By name with ".service"; one that is not here is not loaded.
  std::map<std::string, Unit> units = {{"corosync.service", {}}, {"pacemaker.service", {}}};
  std::vector<std::string> stopped;           // units whose stop was asked for
  std::map<std::string, std::string> tables;  // of the packet filter, family inet: chains and rules, one a line
  std::map<std::string, int> devices = {{"node-01", 1}, {"node-02", 1}, {"node-03", 1}};  // that can fence a node
  // What corosync-cfgtool -n prints.
  std::string links =
      "Local node ID 2, transport knet\n"
      "nodeid: 1 reachable\n   LINK: 0 udp (10.99.0.12->10.99.0.11) enabled connected mtu: 1397\n\n"
      "nodeid: 3 reachable\n   LINK: 0 udp (10.99.0.12->10.99.0.13) enabled connected mtu: 1397\n\n";
  std::vector<std::string> fenced;                                                        // nodes that were rebooted

 private:
  std::optional<CommandResult> Systemctl(const std::vector<std::string>& argv);
  CommandResult Nft(const std::vector<std::string>& argv);
  CommandResult StonithAdmin(const std::vector<std::string>& argv);
  // All of the script or nothing.
  CommandResult RunScript(const std::string& script);
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_TESTING_AGENT_FAKE_NODE_H_
