#include "client/render/fault_words.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace jettyfleet {
namespace {

absl::string_view DaemonWords(v1::KillDaemon::Daemon daemon) {
  switch (daemon) {
    case v1::KillDaemon::DAEMON_BASED:
      return "pacemaker-based";
    case v1::KillDaemon::DAEMON_CONTROLD:
      return "pacemaker-controld";
    case v1::KillDaemon::DAEMON_EXECD:
      return "pacemaker-execd";
    case v1::KillDaemon::DAEMON_ATTRD:
      return "pacemaker-attrd";
    case v1::KillDaemon::DAEMON_FENCED:
      return "pacemaker-fenced";
    case v1::KillDaemon::DAEMON_SCHEDULERD:
      return "pacemaker-schedulerd";
    case v1::KillDaemon::DAEMON_COROSYNC:
      return "corosync";
    default:
      return "a daemon that this version does not know";
  }
}

}  // namespace

std::string FaultWords(const v1::Action& action) {
  switch (action.kind_case()) {
    case v1::Action::kStopUnit:
      return absl::StrCat("stop unit ", action.stop_unit().unit(), " behind the cluster's back");
    case v1::Action::kKillUnit:
      return absl::StrCat("kill the main process of unit ", action.kill_unit().unit());
    case v1::Action::kFreezeUnit:
      return absl::StrCat("freeze unit ", action.freeze_unit().unit());
    case v1::Action::kBlackholePort:
      return absl::StrCat("drop packets to port ", action.blackhole_port().port(), " of ",
                          action.blackhole_port().unit());
    case v1::Action::kPartitionNode:
      return absl::StrCat("drop packets from and to ", absl::StrJoin(action.partition_node().peers(), ", "));
    case v1::Action::kKillDaemon:
      return absl::StrCat("kill ", DaemonWords(action.kill_daemon().daemon()));
    case v1::Action::kFenceNode:
      return absl::StrCat("have ", action.fence_node().node(), " fenced");
    case v1::Action::kUndoFault:
      return absl::StrCat("undo ", action.undo_fault().lease_id());
    case v1::Action::kLookAtFaultMeans:
      return "look what it has for faults";
    default:
      return "";
  }
}

}  // namespace jettyfleet
