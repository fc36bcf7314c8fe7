#include "client/render/dry_run_view.h"

#include <gtest/gtest.h>

namespace jettyfleet {
namespace {

TEST(DryRunView, OneLineForEachNode) {
  v1::DryRunDrillResponse dry_run;
  dry_run.mutable_spec()->set_scenario(v1::SCENARIO_NODE_CRASH);
  dry_run.mutable_spec()->set_resource("jetty");
  dry_run.mutable_spec()->set_cluster("blue");
  v1::PlannedVisit* visit = dry_run.add_visits();
  visit->set_node("node-01");
  v1::PredictedOperation* operation = visit->mutable_predicted()->add_operations();
  operation->set_task("stop");
  operation->set_resource("jetty");
  operation->set_node("node-01");
  operation = visit->mutable_predicted()->add_operations();
  operation->set_task("fence");
  operation->set_node("node-01");
  visit = dry_run.add_visits();
  visit->set_node("node-02");
  visit->add_gate("the cluster is not idle");
  visit->add_gate("node-03 is in standby");
  visit->mutable_predicted()->set_error("crm_simulate: not there");
  visit = dry_run.add_visits();
  visit->set_node("node-03");
  visit->set_is_dc(true);
  EXPECT_EQ(
      RenderDryRun(dry_run, /*colour=*/false),
      "drill node-crash of jetty on blue, one node at a time; nothing was done\n"
      "  happens   the node is fenced through the cluster\n"
      "  ended by  the node's boot\n"
      "      NODE     ROLE  GATE NOW                                        PACEMAKER WOULD\n"
      "  1.  node-01        open                                            stop jetty on node-01, fence node-01\n"
      "  2.  node-02        the cluster is not idle; node-03 is in standby  not known: crm_simulate: not there\n"
      "  3.  node-03  DC    open                                            -\n");
}

}  // namespace
}  // namespace jettyfleet
