// A ProcessRunner that stands for the programs on a cluster node: cibadmin, pcs, crm_mon, crmadmin,
// corosync-quorumtool, systemd-run and systemctl, over one CIB in memory, and for those of the host itself
// (fake_node.h).
//
// What it prints and how it exits was taken from Pacemaker 2.1.5, Corosync 3.1.7 and pcs 0.11.5. cibadmin's XPaths are
// evaluated for real, so that a wrong one finds nothing here as well.
#ifndef JETTYFLEET_TESTS_TESTING_AGENT_FAKE_CLUSTER_H_
#define JETTYFLEET_TESTS_TESTING_AGENT_FAKE_CLUSTER_H_

#include <functional>
#include <map>
#include <memory>
#include <pugixml.hpp>
#include <string>
#include <vector>

#include "agent/loop.h"
#include "agent/process.h"
#include "tests/testing/agent/fake_node.h"

namespace jettyfleet {

class FakeCluster final : public ProcessRunner {
 public:
  // Three nodes, quorum, a cloned resource "jetty" in "jetty-clone", nothing of ours.
  explicit FakeCluster(Loop& loop);

  void Run(Command command, std::function<void(CommandResult)> done) override;

  // The next call of this program (argv[0], or argv[0] and argv[1]) does this instead. `after_effect`: it does what it
  // should all the same, and then ends so.
  void Next(const std::string& program, CommandResult result, bool after_effect = false);
  // Called right before the next call of this program is carried out.
  void BeforeNext(const std::string& program, std::function<void()> call);
  // Every call of this program could not be started.
  void Uninstall(const std::string& program);

  static CommandResult Exit(int code, std::string out = "", std::string err = "");
  static CommandResult Hang();  // killed at its deadline

  // Replaces what an XPath finds by `xml` (nothing: removes it), or appends it to what `parent_xpath` finds.
  void Remove(const std::string& xpath);
  void Append(const std::string& parent_xpath, const std::string& xml);
  bool Has(const std::string& xpath) const;
  std::string Cib() const;

  bool dc_has_quorum = true;
  bool dc_present = true;
  int quorumtool_exit = 0;
  std::string controller_state = "S_IDLE";  // of the DC
  // pcs writes its rule without an end, as a different version might.
  bool pcs_drops_the_end = false;
  // pcs puts a clone's attributes on the primitive.
  bool pcs_misplaces_meta = false;

  // The host that it runs on.
  FakeNode node;

  // Timer units (without ".timer") that are armed, with the command that each would run.
  std::map<std::string, std::vector<std::string>> timers;
  // Every call so far, as one line each.
  std::vector<std::string> calls;

 private:
  struct Override {
    std::string program;
    CommandResult result;
    bool after_effect;
  };

  CommandResult Carry(const std::vector<std::string>& argv);
  CommandResult Cibadmin(const std::vector<std::string>& argv);
  CommandResult Create(const std::string& scope, const std::string& xml);
  CommandResult Modify(const std::string& xpath, const std::string& xml);
  CommandResult Pcs(const std::vector<std::string>& argv);
  CommandResult PcsLocation(const std::vector<std::string>& argv);
  CommandResult PcsDelete(const std::string& id);
  CommandResult PcsAvoid(const std::vector<std::string>& argv);
  CommandResult PcsOperation(const std::vector<std::string>& argv);
  CommandResult PcsMeta(const std::vector<std::string>& argv);
  CommandResult PcsCreate(const std::vector<std::string>& argv);
  CommandResult PcsClone(const std::vector<std::string>& argv);
  CommandResult CrmMon() const;
  CommandResult SystemdRun(const std::vector<std::string>& argv);
  CommandResult Systemctl(const std::vector<std::string>& argv);

  Loop& loop_;
  pugi::xml_document cib_;
  std::vector<Override> overrides_;
  std::vector<std::pair<std::string, std::function<void()>>> before_;
  std::vector<std::string> uninstalled_;
  std::vector<std::unique_ptr<Timer>> timers_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_TESTING_AGENT_FAKE_CLUSTER_H_
