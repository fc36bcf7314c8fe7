// The CIB as cibadmin prints it, as it is observed and as it is acted on.
#include <google/protobuf/util/message_differencer.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "agent/act/cib_document.h"
#include "agent/observe/cib_parser.h"
#include "tests/fuzz/demand.h"

namespace jettyfleet {
namespace {

void LookUp(const CibDocument& cib, const v1::CibFact& fact) {
  for (const v1::PrimitiveFact& primitive : fact.primitives()) {
    const std::optional<CibDocument::Primitive> found = cib.FindPrimitive(primitive.id());
    Demand(cib.HasResource(primitive.id()), "a primitive that was observed is found");
    Demand(cib.Meta(primitive.id()).has_value(), "what is found has meta attributes, or none");
    if (found.has_value()) cib.Operations(primitive.id(), "monitor");
  }
  for (const v1::LocationFact& location : fact.locations()) {
    if (location.id().empty()) continue;  // Pacemaker takes none without
    Demand(cib.FindLocation(location.id()).has_value(), "a location that was observed is found");
    Demand(cib.OtherLocation(location.id(), location.resource(), location.node()) != location.id(),
           "another location is not the same");
    cib.ResourceOfRule(location.id());
  }
}

void Check(const std::string& xml) {
  const absl::StatusOr<CibDocument> cib = CibDocument::Parse(xml);
  const absl::StatusOr<v1::CibFact> fact = ParseCib(xml);
  if (!cib.ok()) Demand(absl::IsInvalidArgument(cib.status()), "what is no CIB is InvalidArgument");
  if (!fact.ok()) {
    Demand(absl::IsInvalidArgument(fact.status()) || absl::IsResourceExhausted(fact.status()), "no CIB, or too large");
  }
  if (!fact.ok() || !cib.ok()) return;
  const std::vector<v1::CibEntryFact> ours = cib->Ours();
  Demand(static_cast<int>(ours.size()) == fact->ours_size(), "what is ours is the same for observing and acting");
  for (std::size_t i = 0; i < ours.size(); ++i) {
    Demand(google::protobuf::util::MessageDifferencer::Equals(ours[i], fact->ours(static_cast<int>(i))),
           "what is ours is the same for observing and acting");
    Demand(absl::StartsWith(ours[i].id(), "jettyfleet-"), "what is ours has our prefix");
    Demand(!absl::StartsWith(ours[i].id(), "jettyfleet-avoid-"), "what avoids a node is configuration");
  }
  Demand(!cib->Lock().has_value() || cib->Lock()->id() == "jettyfleet-lock", "a lock has the lock's id");
  Demand(fact->ByteSizeLong() <= kLargestCibFactBytes, "the facts fit in a message");
  // Each look-up walks the document: a hundred are enough.
  if (fact->primitives_size() + fact->locations_size() <= 100) LookUp(*cib, *fact);
}

}  // namespace
}  // namespace jettyfleet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  jettyfleet::Check(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
