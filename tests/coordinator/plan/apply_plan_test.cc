#include "coordinator/plan/apply_plan.h"

#include <gtest/gtest.h>

#include "common/proto_time.h"

namespace jettyfleet {
namespace {

v1::ResourceDescription Wanted() {
  v1::ResourceDescription wanted;
  wanted.set_name("jetty");
  wanted.set_unit("jetty9");
  *wanted.mutable_monitor_interval() = ToProto(absl::Seconds(10));
  wanted.set_clone_node_max(1);
  return wanted;
}

void SetMeta(google::protobuf::RepeatedPtrField<v1::MetaAttribute>* attributes, const char* name, const char* value) {
  v1::MetaAttribute* const attribute = attributes->Add();
  attribute->set_name(name);
  attribute->set_value(value);
}

v1::PrimitiveFact* AddPrimitive(v1::CibFact* cib, const char* id, const char* type) {
  v1::PrimitiveFact* const primitive = cib->add_primitives();
  primitive->set_id(id);
  primitive->set_resource_class("systemd");
  primitive->set_type(type);
  primitive->set_monitor_interval("10s");
  return primitive;
}

// A clone under another name than the description's, as an operator may have made it.
v1::PrimitiveFact* AddClone(v1::CibFact* cib) {
  v1::PrimitiveFact* const primitive = AddPrimitive(cib, "web", "jetty9");
  primitive->set_clone("web-clone");
  SetMeta(primitive->mutable_clone_meta(), "clone-max", "3");
  SetMeta(primitive->mutable_clone_meta(), "clone-node-max", "1");
  return primitive;
}

TEST(NextApplyStep, CreatesWhatIsNotThere) {
  const ApplyStep step = NextApplyStep(Wanted(), v1::CibFact(), 3);
  ASSERT_EQ(step.kind, ApplyStep::Kind::kAct);
  EXPECT_EQ(step.action.create_resource().name(), "jetty");
  EXPECT_EQ(step.action.create_resource().unit(), "jetty9");
  EXPECT_EQ(step.action.create_resource().monitor_interval().seconds(), 10);
}

TEST(NextApplyStep, ClonesWhatIsThereUnderWhateverName) {
  v1::CibFact cib;
  AddPrimitive(&cib, "web", "jetty9");
  const ApplyStep step = NextApplyStep(Wanted(), cib, 3);
  ASSERT_EQ(step.kind, ApplyStep::Kind::kAct);
  EXPECT_EQ(step.action.clone_resource().name(), "web");
  EXPECT_EQ(step.action.clone_resource().clone_max(), 3u) << "clone_max 0 means as many as there are nodes";
  EXPECT_EQ(step.action.clone_resource().clone_node_max(), 1u);
}

TEST(NextApplyStep, LeavesAloneWhatIsAsDescribed) {
  v1::CibFact cib;
  AddClone(&cib);
  EXPECT_EQ(NextApplyStep(Wanted(), cib, 3).kind, ApplyStep::Kind::kUnchanged);
}

TEST(NextApplyStep, UnsetCloneMaxIsTheNodeCount) {
  v1::CibFact cib;
  v1::PrimitiveFact* const web = AddClone(&cib);
  web->clear_clone_meta();
  EXPECT_EQ(NextApplyStep(Wanted(), cib, 3).kind, ApplyStep::Kind::kUnchanged);
  v1::ResourceDescription two = Wanted();
  two.set_clone_max(2);
  EXPECT_EQ(NextApplyStep(two, cib, 3).kind, ApplyStep::Kind::kRefuse);
}

struct RefusedCase {
  const char* name;
  void (*make)(v1::CibFact*);
  const char* says;
};

class Refused : public testing::TestWithParam<RefusedCase> {};

TEST_P(Refused, SaysWhatDiffers) {
  v1::CibFact cib;
  GetParam().make(&cib);
  const ApplyStep step = NextApplyStep(Wanted(), cib, 3);
  EXPECT_EQ(step.kind, ApplyStep::Kind::kRefuse);
  EXPECT_NE(step.what.find(GetParam().says), std::string::npos) << step.what;
}

INSTANTIATE_TEST_SUITE_P(
    All, Refused,
    testing::Values(RefusedCase{"NameTaken", [](v1::CibFact* cib) { AddPrimitive(cib, "jetty", "nginx"); },
                                "that is systemd:nginx, not systemd:jetty9"},
                    RefusedCase{"TwoOfThem",
                                [](v1::CibFact* cib) {
                                  AddClone(cib);
                                  AddPrimitive(cib, "other", "jetty9");
                                },
                                "2 resources run systemd:jetty9 (web, other)"},
                    RefusedCase{"CloneMax",
                                [](v1::CibFact* cib) { AddClone(cib)->mutable_clone_meta(0)->set_value("2"); },
                                "clone-max of web-clone is 2, described 3"},
                    RefusedCase{"CloneMaxNoNumber",
                                [](v1::CibFact* cib) { AddClone(cib)->mutable_clone_meta(0)->set_value("lots"); },
                                "is \"lots\", not a number"},
                    RefusedCase{"Misplaced",
                                [](v1::CibFact* cib) { SetMeta(AddClone(cib)->mutable_meta(), "clone-max", "3"); },
                                "clone-max stands on the primitive web"},
                    RefusedCase{"MonitorInterval", [](v1::CibFact* cib) { AddClone(cib)->set_monitor_interval("30s"); },
                                "monitor interval of web is 30s, described 10s"},
                    RefusedCase{"NoMonitor", [](v1::CibFact* cib) { AddClone(cib)->clear_monitor_interval(); },
                                "is not set, described 10s"}),
    [](const auto& info) { return info.param.name; });

TEST(IntervalMilliseconds, ReadsWhatPacemakerWrites) {
  EXPECT_EQ(IntervalMilliseconds("30"), 30'000);
  EXPECT_EQ(IntervalMilliseconds("30s"), 30'000);
  EXPECT_EQ(IntervalMilliseconds("500ms"), 500);
  EXPECT_EQ(IntervalMilliseconds("1min"), 60'000);
  EXPECT_EQ(IntervalMilliseconds("2h"), 7'200'000);
  for (const char* const bad : {"", "s", "-1s", "1 s", "PT30S", "99999999999999999999s", "2000000000"}) {
    EXPECT_EQ(IntervalMilliseconds(bad), -1) << bad;
  }
}

}  // namespace
}  // namespace jettyfleet
