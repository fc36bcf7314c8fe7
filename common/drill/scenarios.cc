#include "common/drill/scenarios.h"

namespace jettyfleet {

const std::vector<ScenarioDefinition>& Scenarios() {
  static const auto* const all = new std::vector<ScenarioDefinition>{
      {v1::SCENARIO_EVICT, "evict", "its server is drained, then a rule with an end keeps the instance off the node",
       "stop an instance that still has clients", "the rule's end in the CIB",
       "the instance stops and comes back; no request fails", false},
      {v1::SCENARIO_STANDBY, "standby", "its server is drained, then the node is in standby with an end",
       "stop an instance that still has clients", "the standby's end in the CIB",
       "everything on the node stops and comes back; no request fails", false},
      {v1::SCENARIO_UNIT_STOP, "unit-stop", "the unit is stopped behind the cluster's back",
       "touch the cluster's configuration", "Pacemaker's next monitor",
       "a failure, then a restart on the same node; requests fail until load balancers notice", false},
      {v1::SCENARIO_UNIT_KILL, "unit-kill", "SIGKILL to the unit's main process", "touch the cluster's configuration",
       "Pacemaker's next monitor", "as unit-stop; connections break off", false},
      {v1::SCENARIO_UNIT_FREEZE, "unit-freeze", "every process of the unit stands still: active, bound, deaf",
       "freeze the agent, or anything outside the unit's control group", "an undo timer on the node",
       "Pacemaker sees nothing; load balancers take the server down by their checks", false},
      {v1::SCENARIO_PORT_BLACKHOLE, "port-blackhole", "packets to Jetty's port are dropped",
       "drop packets to any other port", "an undo timer on the node", "as unit-freeze", false},
      {v1::SCENARIO_PEER_PARTITION, "peer-partition", "packets from and to the other nodes are dropped",
       "cut the node off from the coordinator or from clients", "an undo timer on the node, or fencing",
       "the others keep quorum, fence the node and go on without it; it boots and joins again", true},
      {v1::SCENARIO_DAEMON_KILL, "daemon-kill", "SIGKILL to one of the cluster's daemons (--daemon)",
       "kill a daemon on a second node", "pacemakerd, or fencing",
       "the daemon is started again in place, or the node is fenced and joins again", true},
      {v1::SCENARIO_NODE_CRASH, "node-crash", "the node is fenced through the cluster",
       "fence without a device that reaches the node", "the node's boot",
       "the others go on without it; it boots and joins again", true},
      {v1::SCENARIO_DC_LOSS, "dc-loss", "whoever is DC is fenced, or loses a daemon (--daemon)",
       "hit a second node once another is DC", "as node-crash or daemon-kill", "another node is DC within seconds", true},
  };
  return *all;
}

const ScenarioDefinition* FindScenario(v1::Scenario scenario) {
  for (const ScenarioDefinition& definition : Scenarios()) {
    if (definition.scenario == scenario) return &definition;
  }
  return nullptr;
}

const std::vector<ClusterDaemon>& ClusterDaemons() {
  static const auto* const all = new std::vector<ClusterDaemon>{
      {v1::KillDaemon::DAEMON_BASED, "pacemaker-based"},       {v1::KillDaemon::DAEMON_CONTROLD, "pacemaker-controld"},
      {v1::KillDaemon::DAEMON_EXECD, "pacemaker-execd"},       {v1::KillDaemon::DAEMON_ATTRD, "pacemaker-attrd"},
      {v1::KillDaemon::DAEMON_FENCED, "pacemaker-fenced"},     {v1::KillDaemon::DAEMON_SCHEDULERD, "pacemaker-schedulerd"},
      {v1::KillDaemon::DAEMON_COROSYNC, "corosync"},
  };
  return *all;
}

const char* DaemonName(v1::KillDaemon::Daemon daemon) {
  for (const ClusterDaemon& known : ClusterDaemons()) {
    if (known.daemon == daemon) return known.name;
  }
  return "";
}

}  // namespace jettyfleet
