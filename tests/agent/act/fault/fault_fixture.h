// An Actor on a host with control groups and processes of its own: directories that look like the kernel's, and real
// processes of this test.
#ifndef JETTYFLEET_TESTS_AGENT_ACT_FAULT_FAULT_FIXTURE_H_
#define JETTYFLEET_TESTS_AGENT_ACT_FAULT_FAULT_FIXTURE_H_

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/agent/act/actor_fixture.h"
#include "tests/testing/agent/sleeping_process.h"

namespace jettyfleet {

class FaultFixture : public ActorFixture {
 protected:
  static constexpr char kLease[] = "jettyfleet-op-1-fault";
  static constexpr char kJetty[] = "/system.slice/jetty9.service";

  FaultFixture() {
    options_.paths.groups = {.unified = {directory_ + "/unified"},
                             .with_processes = {directory_ + "/unified", directory_ + "/systemd"}};
    options_.paths.proc = directory_ + "/proc";
    options_.coordinator_address = [this] { return coordinator_; };
    cluster_.Append("//resources", R"(<primitive id="switch" class="stonith" type="fence_lab"/>)");
    Restart();
  }

  // systemd runs it, with these processes, the first of which is the main one. `freezer`: its group can be frozen, and
  // the kernel says at once that it is.
  void RunUnit(const std::string& unit, const std::vector<pid_t>& processes, bool freezer) {
    const std::string group = absl::StrCat("/system.slice/", unit, ".service");
    cluster_.node.units[unit + ".service"] = {
        .active_state = "active", .main_process = processes[0], .control_group = group};
    std::string text;
    for (const pid_t process : processes) absl::StrAppend(&text, process, "\n");
    WriteFile(absl::StrCat(directory_, freezer ? "/unified" : "/systemd", group, "/cgroup.procs"), text);
    if (!freezer) return;
    WriteFile(Unified(group, "cgroup.freeze"), "0");
    WriteFile(Unified(group, "cgroup.events"), "populated 1\nfrozen 1\n");
  }
  std::string Unified(const std::string& group, const std::string& file) const {
    return absl::StrCat(directory_, "/unified", group, "/", file);
  }
  static std::string Read(const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  std::string Freezer() const { return Read(Unified(kJetty, "cgroup.freeze")); }
  // Only the first character counts, as for the kernel.
  bool IsFrozen() const { return Freezer().substr(0, 1) == "1"; }

  // What the kernel would show of a process's program.
  void RunProgram(pid_t process, const std::string& program) {
    const std::string directory = absl::StrCat(options_.paths.proc, "/", process);
    std::filesystem::create_directories(directory);
    std::filesystem::remove(directory + "/exe");
    std::filesystem::create_symlink(program, directory + "/exe");
  }

  v1::Action NewFault() {
    v1::Action action = NewAction();
    *action.mutable_not_after() = ToProto(clock_.WallNow() + absl::Seconds(10));
    return action;
  }
  v1::Action Stop() {
    v1::Action action = NewFault();
    action.mutable_stop_unit()->set_unit("jetty9");
    return action;
  }
  v1::Action Kill() {
    v1::Action action = NewFault();
    action.mutable_kill_unit()->set_unit("jetty9");
    return action;
  }
  v1::Action Freeze(const std::string& lease = kLease) {
    v1::Action action = NewFault();
    v1::FreezeUnit& act = *action.mutable_freeze_unit();
    act.set_lease_id(lease);
    act.set_unit("jetty9");
    act.mutable_duration()->set_seconds(60);
    return action;
  }
  v1::Action Blackhole(uint32_t port, const std::string& lease = kLease) {
    v1::Action action = NewFault();
    v1::BlackholePort& act = *action.mutable_blackhole_port();
    act.set_lease_id(lease);
    act.set_unit("jetty9");
    act.set_port(port);
    act.mutable_duration()->set_seconds(60);
    return action;
  }
  v1::Action Partition(const std::vector<std::string>& peers = {"192.0.2.3", "192.0.2.1", "2001:DB8::3"},
                       const std::string& lease = kLease) {
    v1::Action action = NewFault();
    v1::PartitionNode& act = *action.mutable_partition_node();
    act.set_lease_id(lease);
    for (const std::string& peer : peers) act.add_peers(peer);
    act.mutable_duration()->set_seconds(60);
    return action;
  }
  v1::Action KillDaemon(v1::KillDaemon::Daemon daemon) {
    v1::Action action = NewFault();
    action.mutable_kill_daemon()->set_daemon(daemon);
    return action;
  }
  v1::Action Fence(const std::string& node) {
    v1::Action action = NewFault();
    action.mutable_fence_node()->set_node(node);
    return action;
  }
  v1::Action Undo(const std::string& lease = kLease) {
    v1::Action action = NewAction();
    action.mutable_undo_fault()->set_lease_id(lease);
    return action;
  }

  int CallsOf(const std::string& program) const {
    int calls = 0;
    for (const std::string& call : cluster_.calls) {
      if (call.compare(0, program.size(), program) == 0) ++calls;
    }
    return calls;
  }

  std::string coordinator_ = "192.0.2.200";
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_AGENT_ACT_FAULT_FAULT_FIXTURE_H_
