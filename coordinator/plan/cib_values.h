// Values as they stand in the CIB, in the units that descriptions use. Pure.
#ifndef JETTYFLEET_COORDINATOR_PLAN_CIB_VALUES_H_
#define JETTYFLEET_COORDINATOR_PLAN_CIB_VALUES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "proto/observation.pb.h"

namespace jettyfleet {

using MetaAttributes = google::protobuf::RepeatedPtrField<v1::MetaAttribute>;

// "30s", "1min", "500ms", "30" (seconds) as Pacemaker writes intervals, in milliseconds; -1 when it is none of these.
int64_t IntervalMilliseconds(const std::string& text);

// "30s" or "1500ms": the way to write them that every Pacemaker reads.
std::string IntervalText(int64_t milliseconds);

// Value of a meta attribute, empty when it is not set.
std::string MetaValue(const MetaAttributes& attributes, const std::string& name);

// Pacemaker's booleans: true, on, yes, y, 1 in any case. Everything else is false.
bool IsTrue(const std::string& text);

// The operations of that name, in the order of the CIB.
std::vector<const v1::OperationFact*> OperationsNamed(const v1::PrimitiveFact& primitive, const std::string& name);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PLAN_CIB_VALUES_H_
