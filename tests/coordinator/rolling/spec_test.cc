#include "coordinator/rolling/spec.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "common/proto_time.h"
#include "tests/coordinator/rolling/healthy_view.h"

namespace jettyfleet {
namespace {

TEST(Spec, DefaultsAreComplete) {
  const v1::ClusterDescription description = HealthyView().description;
  v1::DrillSpec spec;
  spec.set_scenario(v1::SCENARIO_STANDBY);
  FillDefaults(description, &spec);
  EXPECT_TRUE(CheckSpec(description, spec).ok()) << CheckSpec(description, spec);
  EXPECT_EQ(spec.resource(), "web");
  EXPECT_EQ(spec.min_serving(), 1u);
  EXPECT_EQ(spec.return_policy(), v1::RETURN_POLICY_STAY);
}

TEST(Spec, DefaultsLeaveWhatIsGiven) {
  v1::ClusterDescription description = HealthyView().description;
  description.mutable_resources(0)->set_min_serving(2);
  v1::DrillSpec spec;
  *spec.mutable_lease() = ToProto(absl::Seconds(77));
  FillDefaults(description, &spec);
  EXPECT_EQ(FromProto(spec.lease()), absl::Seconds(77));
  EXPECT_EQ(spec.min_serving(), 2u);
}

TEST(Spec, DefaultsOfWhatMayFence) {
  const v1::ClusterDescription description = HealthyView().description;
  v1::DrillSpec spec;
  spec.set_scenario(v1::SCENARIO_DAEMON_KILL);
  spec.set_allow_fencing(true);
  FillDefaults(description, &spec);
  EXPECT_TRUE(CheckSpec(description, spec).ok()) << CheckSpec(description, spec);
  EXPECT_EQ(spec.daemon(), v1::KillDaemon::DAEMON_CONTROLD);
  EXPECT_EQ(FromProto(spec.step_deadline()), absl::Minutes(5)) << "it may have to boot";
}

struct BadSpec {
  const char* name;
  std::function<void(v1::DrillSpec*)> bend;
  const char* says;
};

void PrintTo(const BadSpec& bad, std::ostream* out) { *out << bad.name; }

class SpecRefused : public testing::TestWithParam<BadSpec> {};

TEST_P(SpecRefused, AndSaysWhy) {
  v1::ClusterDescription description = HealthyView().description;
  description.add_nodes("node-01");
  v1::DrillSpec spec = EvictSpec();
  ASSERT_TRUE(CheckSpec(description, spec).ok());
  GetParam().bend(&spec);
  const absl::Status status = CheckSpec(description, spec);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(std::string(status.message()).find(GetParam().says), std::string::npos) << status;
}

INSTANTIATE_TEST_SUITE_P(
    Each, SpecRefused,
    testing::ValuesIn(std::vector<BadSpec>{
        {"cluster", [](v1::DrillSpec* s) { s->set_cluster("x"); }, "cluster 'x'"},
        {"resource", [](v1::DrillSpec* s) { s->set_resource("x"); }, "resource 'x'"},
        {"scenario", [](v1::DrillSpec* s) { s->clear_scenario(); }, "scenario"},
        {"fencing_without_consent", [](v1::DrillSpec* s) { s->set_scenario(v1::SCENARIO_NODE_CRASH); },
         "node-crash can get a node fenced: --allow-fencing"},
        {"dc_loss_of_a_named_node",
         [](v1::DrillSpec* s) {
           s->set_scenario(v1::SCENARIO_DC_LOSS);
           s->set_allow_fencing(true);
           s->add_nodes("node-01");
         },
         "name no nodes"},
        {"a_daemon_for_nothing", [](v1::DrillSpec* s) { s->set_daemon(v1::KillDaemon::DAEMON_BASED); },
         "for scenarios daemon-kill and dc-loss only"},
        {"a_daemon_of_a_newer_version",
         [](v1::DrillSpec* s) {
           s->set_scenario(v1::SCENARIO_DAEMON_KILL);
           s->set_allow_fencing(true);
           s->set_daemon(static_cast<v1::KillDaemon::Daemon>(99));
         },
         "the daemon is none"},
        {"min_serving", [](v1::DrillSpec* s) { s->set_min_serving(0); }, "min_serving"},
        {"unknown_node", [](v1::DrillSpec* s) { s->add_nodes("node-09"); }, "node node-09 is not"},
        {"node_twice",
         [](v1::DrillSpec* s) {
           s->add_nodes("node-01");
           s->add_nodes("node-01");
         },
         "node-01 twice"},
        {"short_lease", [](v1::DrillSpec* s) { *s->mutable_lease() = ToProto(absl::Seconds(39)); }, "lease is 39s"},
        {"long_lease", [](v1::DrillSpec* s) { *s->mutable_lease() = ToProto(absl::Hours(2)); }, "lease is 2h"},
        {"long_drain", [](v1::DrillSpec* s) { *s->mutable_drain_deadline() = ToProto(absl::Seconds(61)); },
         "drain_deadline is 1m1s; it may be 0 to 1m"},
        {"short_step", [](v1::DrillSpec* s) { *s->mutable_step_deadline() = ToProto(absl::Seconds(4)); },
         "step_deadline"},
        {"no_gate", [](v1::DrillSpec* s) { *s->mutable_gate_deadline() = ToProto(absl::ZeroDuration()); },
         "gate_deadline"},
        {"negative_baseline", [](v1::DrillSpec* s) { *s->mutable_baseline() = ToProto(-absl::Seconds(1)); },
         "baseline"},
    }),
    [](const testing::TestParamInfo<BadSpec>& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace jettyfleet
