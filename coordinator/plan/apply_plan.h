// Desired state and observed state in, the next step out. Pure.
#ifndef JETTYFLEET_COORDINATOR_PLAN_APPLY_PLAN_H_
#define JETTYFLEET_COORDINATOR_PLAN_APPLY_PLAN_H_

#include <string>

#include "proto/action.pb.h"
#include "proto/description.pb.h"
#include "proto/observation.pb.h"

namespace jettyfleet {

struct ApplyStep {
  enum class Kind {
    kUnchanged,  // the CIB already says what the description says
    kAct,        // `action` (its kind only) brings it one step nearer
    kRefuse,     // what exists differs in a way that apply does not change; `what` says how, and what to do
  };
  Kind kind = Kind::kUnchanged;
  std::string what;  // one line
  v1::Action action;
};

// A resource is matched by class and type ("systemd:UNIT"), never by its name. `node_count` is how many instances
// clone_max = 0 stands for. Create and clone are two steps, because `pcs resource create ... clone ... meta` puts
// clone-max on the primitive (pacemaker-facts, seen on pcs 0.11.5).
ApplyStep NextApplyStep(const v1::ResourceDescription& wanted, const v1::CibFact& cib, uint32_t node_count);

// "30s", "1min", "500ms", "30" (seconds) as Pacemaker writes intervals; -1 when it is none of these.
int64_t IntervalMilliseconds(const std::string& text);

// Value of a meta attribute, empty when it is not set.
std::string MetaValue(const google::protobuf::RepeatedPtrField<v1::MetaAttribute>& attributes, const std::string& name);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PLAN_APPLY_PLAN_H_
