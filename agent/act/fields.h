// Checks of the fields of actions, which come from outside: every one is bounded before it reaches an argv, an XPath or
// a file name.
#ifndef JETTYFLEET_AGENT_ACT_FIELDS_H_
#define JETTYFLEET_AGENT_ACT_FIELDS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "proto/action.pb.h"

namespace jettyfleet {

inline constexpr absl::string_view kOursPrefix = "jettyfleet-";
inline constexpr absl::string_view kLockId = "jettyfleet-lock";
// What keeps instances off nodes that a description leaves out: configuration, not a lease.
inline constexpr absl::string_view kAvoidPrefix = "jettyfleet-avoid-";

// jettyfleet- and 1 to 80 of a-z, 0-9 and '-', and not the lock's id. It is a file name, an XML id and part of a
// systemd unit's name.
bool IsLeaseId(absl::string_view id);
// What may stand for a node, resource, backend or server: a letter, digit or '_', then up to 63 of those, '-' and '.'.
bool IsName(absl::string_view name);
// A systemd service without ".service", template instances too; up to 200 characters.
bool IsUnitName(absl::string_view unit);

// Empty: every field of the action is allowed. Otherwise one line that names the field.
std::string FieldProblem(const v1::Action& action);

// Time for the whole action: its own timeout, or a minute where none is given.
absl::Duration TimeoutOf(const v1::Action& action);

// "30s": a duration of whole seconds as it is written into the CIB.
std::string SecondsText(const google::protobuf::Duration& duration);

// True for what takes back: these are never too late and need no durable epoch.
bool IsUndo(const v1::Action& action);

// Changes nothing that has to be undone or told of later: predictions, what can be offered for faults, inspections and
// what belongs to their markers, which have an end of their own; and stage_archive, which leaves what is in place as it
// is and may take long.
bool OnlyLooks(const v1::Action& action);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_FIELDS_H_
