// A cluster as somebody made it with pcs, for tests of Describe.
#ifndef JETTYFLEET_TESTS_COORDINATOR_PLAN_HANDMADE_CLUSTER_H_
#define JETTYFLEET_TESTS_COORDINATOR_PLAN_HANDMADE_CLUSTER_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/description/description_yaml.h"
#include "common/description/validate.h"
#include "coordinator/plan/describe.h"
#include "coordinator/plan/planner.h"

namespace jettyfleet {

// Three nodes with quorum; node-02 is the DC, whose CIB counts.
class HandmadeCluster : public testing::Test {
 protected:
  HandmadeCluster() {
    view_.cluster = "blue";
    v1::ClusterFact cluster;
    cluster.set_connected(v1::ANSWER_YES);
    cluster.set_dc_present(v1::ANSWER_YES);
    cluster.set_dc("node-02");
    cluster.set_dc_with_quorum(v1::ANSWER_YES);
    cluster.mutable_quorum()->set_quorate(v1::ANSWER_YES);
    for (const char* const name : {"node-01", "node-02", "node-03"}) {
      v1::ClusterNodeFact* const node = cluster.add_nodes();
      node->set_name(name);
      node->set_online(true);
    }
    for (const char* const name : {"node-01", "node-02", "node-03"}) {
      HostView& host = view_.nodes[name];
      host.host = name;
      host.connected = true;
      *host.report.mutable_cluster() = cluster;
    }
    dc().mutable_cib();
  }

  v1::HostReport& dc() { return view_.nodes["node-02"].report; }
  v1::CibFact& cib() { return *dc().mutable_cib(); }

  // systemd:UNIT as pcs makes it, cloned as "ID-clone".
  v1::PrimitiveFact* AddClone(const std::string& id, const std::string& unit) {
    v1::PrimitiveFact* const primitive = cib().add_primitives();
    primitive->set_id(id);
    primitive->set_resource_class("systemd");
    primitive->set_type(unit);
    primitive->set_clone(absl::StrCat(id, "-clone"));
    Operation(primitive, "monitor", "30s", "");
    Operation(primitive, "start", "0s", "100");
    Operation(primitive, "stop", "0s", "100");
    return primitive;
  }

  static v1::OperationFact* Operation(v1::PrimitiveFact* primitive, const char* name, const char* interval,
                                      const char* timeout) {
    v1::OperationFact* const operation = primitive->add_operations();
    operation->set_name(name);
    operation->set_interval(interval);
    operation->set_timeout(timeout);
    return operation;
  }

  static void Set(google::protobuf::RepeatedPtrField<v1::MetaAttribute>* attributes, const char* name,
                  const char* value) {
    v1::MetaAttribute* const attribute = attributes->Add();
    attribute->set_name(name);
    attribute->set_value(value);
  }

  v1::LocationFact* Location(const char* id, const char* resource, const char* node, const char* score) {
    v1::LocationFact* const location = cib().add_locations();
    location->set_id(id);
    location->set_resource(resource);
    location->set_node(node);
    location->set_score(score);
    return location;
  }

  void SeePort(const char* node, const char* resource, uint32_t port, v1::Answer owned) {
    v1::PortFact* const fact = view_.nodes[node].report.add_ports();
    fact->set_resource(resource);
    fact->set_port(port);
    fact->add_listeners()->set_owned_by_unit(owned);
  }

  void Store(const char* yaml) {
    const auto read = ParseDescription(yaml, "stored");
    ASSERT_TRUE(read.ok()) << read.status();
    view_.description = *read;
  }

  // What holds of each description: it is valid, can be written down, and what apply would still do is remarked.
  DescribeResult Described() {
    const absl::StatusOr<DescribeResult> result = Describe("blue", view_);
    EXPECT_TRUE(result.ok()) << result.status();
    if (!result.ok()) return {};
    EXPECT_TRUE(ValidateDescription(result->description).ok()) << ValidateDescription(result->description);
    const std::string written = EmitDescription(result->description);
    EXPECT_TRUE(ParseDescription(written, "written").ok()) << written;
    const Plan plan = MakePlan(result->description, view_);
    for (const PlanStep& step : plan.steps)
      EXPECT_THAT(result->remarks, testing::Contains(testing::HasSubstr(step.what)));
    if (!plan.refused.empty()) {
      EXPECT_THAT(result->remarks, testing::Contains(testing::HasSubstr(plan.refused)));
    }
    for (const std::string& remark : result->remarks) {
      EXPECT_THAT(remark, testing::Not(testing::HasSubstr("\n")));
      if (plan.steps.empty() && plan.refused.empty()) {
        EXPECT_THAT(remark, testing::Not(testing::HasSubstr("apply would")));
      }
    }
    return *result;
  }

  bool PlanIsEmpty(const DescribeResult& result) {
    const Plan plan = MakePlan(result.description, view_);
    return plan.steps.empty() && plan.refused.empty();
  }

  ClusterView view_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_COORDINATOR_PLAN_HANDMADE_CLUSTER_H_
