// What an operator asks a drill to be.
#include <cstdint>
#include <set>
#include <string>

#include "common/proto_time.h"
#include "coordinator/rolling/spec.h"
#include "tests/fuzz/demand.h"
#include "tests/fuzz/text_or_wire.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using jettyfleet::Demand;
  jettyfleet::v1::DrillSpec spec;
  if (!jettyfleet::ReadTextOrWire(data, size, &spec)) return 0;
  jettyfleet::v1::ClusterDescription description;  // without nodes: every name may be one
  description.set_cluster("blue");
  description.add_resources()->set_name("jetty");
  jettyfleet::FillDefaults(description, &spec);
  const absl::Status status = jettyfleet::CheckSpec(description, spec);
  if (!status.ok()) {
    Demand(absl::IsInvalidArgument(status), "what is wrong is InvalidArgument");
    return 0;
  }
  Demand(spec.cluster() == "blue" && spec.resource() == "jetty", "what is described");
  Demand(spec.min_serving() > 0, "something goes on serving");
  Demand(std::set<std::string>(spec.nodes().begin(), spec.nodes().end()).size() ==
             static_cast<std::size_t>(spec.nodes_size()),
         "each node once");
  const absl::Duration lease = jettyfleet::FromProto(spec.lease());
  Demand(lease >= absl::Seconds(40) && lease <= absl::Hours(1), "a lease ends");
  Demand(jettyfleet::FromProto(spec.drain_deadline()) <= lease / 2, "a drain ends before its lease");
  return 0;
}
