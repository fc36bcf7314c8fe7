#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "common/proto_time.h"
#include "coordinator/rolling/spec.h"
#include "tests/coordinator/rolling/healthy_view.h"

namespace jettyfleet {
namespace {

v1::ClusterDescription Described() {
  v1::ClusterDescription description = HealthyView().description;
  for (const char* node : {"node-01", "node-02", "node-03"}) description.add_nodes(node);
  description.mutable_resources(0)->mutable_identity()->add_archives("/etc/jetty9/etc");
  description.mutable_resources(0)->mutable_identity()->add_archives("/srv/app.war");
  return description;
}

// As an operator gives it, and the coordinator's archives complete it.
v1::DrillSpec Given() {
  v1::DrillSpec spec;
  spec.set_scenario(v1::SCENARIO_ROLLOUT);
  spec.mutable_rollout()->set_name("app");
  spec.mutable_rollout()->set_version("2");
  spec.mutable_rollout()->set_sha256("ba78");
  spec.mutable_rollout()->set_size(1000);
  return spec;
}

TEST(RolloutSpec, DefaultsAreComplete) {
  v1::DrillSpec spec = Given();
  FillDefaults(Described(), &spec);
  EXPECT_TRUE(CheckSpec(Described(), spec).ok()) << CheckSpec(Described(), spec);
  EXPECT_EQ(spec.rollout().target(), "/srv/app.war");
  EXPECT_EQ(spec.rollout().max_unavailable(), 1u);
  EXPECT_EQ(spec.rollout().on_failure(), v1::ON_FAILURE_STOP);
  EXPECT_EQ(FromProto(spec.rollout().bake()), absl::Seconds(10));
  EXPECT_EQ(spec.return_policy(), v1::RETURN_POLICY_REQUIRE);
}

TEST(RolloutSpec, DefaultsLeaveWhatIsGiven) {
  v1::DrillSpec spec = Given();
  spec.mutable_rollout()->set_target("/srv/other.war");
  *spec.mutable_rollout()->mutable_bake() = ToProto(absl::ZeroDuration());
  FillDefaults(Described(), &spec);
  EXPECT_EQ(spec.rollout().target(), "/srv/other.war");
  EXPECT_EQ(FromProto(spec.rollout().bake()), absl::ZeroDuration());
}

TEST(RolloutSpec, ARestartNeedsNoArchive) {
  v1::DrillSpec spec;
  spec.set_scenario(v1::SCENARIO_ROLLOUT);
  spec.mutable_rollout()->set_restart_only(true);
  FillDefaults(Described(), &spec);
  EXPECT_TRUE(CheckSpec(Described(), spec).ok()) << CheckSpec(Described(), spec);
  EXPECT_EQ(spec.rollout().target(), "");
  EXPECT_EQ(spec.return_policy(), v1::RETURN_POLICY_STAY);
}

TEST(RolloutSpec, OfTwoArchivesNoneIsChosen) {
  v1::ClusterDescription description = Described();
  description.mutable_resources(0)->mutable_identity()->add_archives("/srv/other.war");
  v1::DrillSpec spec = Given();
  FillDefaults(description, &spec);
  EXPECT_EQ(spec.rollout().target(), "");
}

struct BadRollout {
  const char* name;
  std::function<void(v1::DrillSpec*)> bend;
  const char* says;
};

void PrintTo(const BadRollout& bad, std::ostream* out) { *out << bad.name; }

class RolloutSpecRefused : public testing::TestWithParam<BadRollout> {};

TEST_P(RolloutSpecRefused, AndSaysWhy) {
  v1::DrillSpec spec = Given();
  FillDefaults(Described(), &spec);
  GetParam().bend(&spec);
  const absl::Status status = CheckSpec(Described(), spec);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(std::string(status.message()).find(GetParam().says), std::string::npos) << status;
}

INSTANTIATE_TEST_SUITE_P(
    Each, RolloutSpecRefused,
    testing::ValuesIn(std::vector<BadRollout>{
        {"nothing", [](v1::DrillSpec* s) { s->clear_rollout(); }, "a rollout says what is rolled out"},
        {"drill", [](v1::DrillSpec* s) { s->set_scenario(v1::SCENARIO_EVICT); }, "only a rollout says"},
        {"no_version", [](v1::DrillSpec* s) { s->mutable_rollout()->clear_version(); }, "names no archive and version"},
        {"no_target", [](v1::DrillSpec* s) { s->mutable_rollout()->clear_target(); }, "identity.archives"},
        {"no_content", [](v1::DrillSpec* s) { s->mutable_rollout()->clear_sha256(); }, "app 2 is not known"},
        {"no_size", [](v1::DrillSpec* s) { s->mutable_rollout()->clear_size(); }, "app 2 is not known"},
        {"restart_and_archive", [](v1::DrillSpec* s) { s->mutable_rollout()->set_restart_only(true); },
         "a restart changes no archive"},
        {"canary_twice",
         [](v1::DrillSpec* s) {
           s->mutable_rollout()->add_canary_nodes("node-01");
           s->mutable_rollout()->add_canary_nodes("node-01");
         },
         "canary node-01 is given twice"},
        {"canary_elsewhere", [](v1::DrillSpec* s) { s->mutable_rollout()->add_canary_nodes("node-09"); },
         "canary node-09 is none of the nodes"},
        {"canary_not_visited",
         [](v1::DrillSpec* s) {
           s->add_nodes("node-01");
           s->mutable_rollout()->add_canary_nodes("node-02");
         },
         "canary node-02 is none of the nodes"},
        {"bake_too_long", [](v1::DrillSpec* s) { *s->mutable_rollout()->mutable_bake() = ToProto(absl::Hours(2)); },
         "bake is 2h"},
        {"bake_before_now",
         [](v1::DrillSpec* s) { *s->mutable_rollout()->mutable_bake() = ToProto(-absl::Seconds(1)); }, "bake is -1s"},
        {"two_at_once", [](v1::DrillSpec* s) { s->mutable_rollout()->set_max_unavailable(2); }, "max_unavailable is 2"},
        {"rollback", [](v1::DrillSpec* s) { s->mutable_rollout()->set_on_failure(v1::ON_FAILURE_ROLLBACK); },
         "on_failure: stop is all"},
    }),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace jettyfleet
