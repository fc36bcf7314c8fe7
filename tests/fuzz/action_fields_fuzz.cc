// Actions as the coordinator sends them: what passes the checks may go into an argv, an XPath and a file name.
#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "agent/act/fields.h"
#include "tests/fuzz/demand.h"
#include "tests/fuzz/text_or_wire.h"

namespace jettyfleet {
namespace {

// What the agent does not look at: the node of an undo, which must not fail for a name that it does not need, and what
// identifies an action that is only predicted.
bool IsUnused(const google::protobuf::Message& message, const std::string& field, bool outermost) {
  if (message.GetDescriptor() == v1::RemoveCibLease::descriptor()) return field == "node";
  return message.GetDescriptor() == v1::Action::descriptor() && !outermost &&
         (field == "id" || field == "operation_id");
}

// Where an archive is put: the one path, which goes into an argv as a whole and is walked by our own program.
void CheckTarget(const std::string& text) {
  Demand(text.size() <= 512, "a target is short");
  Demand(std::all_of(text.begin(), text.end(), absl::ascii_isprint), "a target has no controls");
  Demand(absl::StartsWith(text, "/") && absl::EndsWith(text, ".war"), "a target is an archive's own path");
  Demand(!absl::StrContains(text, "/.") && !absl::StrContains(text, "//"), "a target leads nowhere hidden or upwards");
}

// Every string of an action that has passed, at any depth.
void CheckStrings(const google::protobuf::Message& message, bool outermost) {
  using Field = google::protobuf::FieldDescriptor;
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const Field*> fields;
  reflection.ListFields(message, &fields);
  for (const Field* const field : fields) {
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == Field::CPPTYPE_MESSAGE) {
        CheckStrings(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                          : reflection.GetMessage(message, field),
                     false);
      }
      if (field->cpp_type() != Field::CPPTYPE_STRING || IsUnused(message, field->name(), outermost)) continue;
      const std::string text =
          field->is_repeated() ? reflection.GetRepeatedString(message, field, i) : reflection.GetString(message, field);
      if (field->name() == "target" && message.GetDescriptor() != v1::SetMeta::descriptor()) {
        CheckTarget(text);
        continue;
      }
      Demand(text.size() <= 300, "what is allowed is short");
      Demand(std::all_of(text.begin(), text.end(), absl::ascii_isgraph), "what is allowed has no blanks and controls");
      Demand(text.find_first_of("'\"<>&;|$`()[]{}*?!,") == std::string::npos,
             "what is allowed means nothing elsewhere");
      // An action's own id goes into the log and its file only. A score may be negative.
      const bool own_id = message.GetDescriptor() == v1::Action::descriptor() && field->name() == "id";
      Demand(own_id || field->name() == "value" || !absl::StartsWith(text, "-"), "what is allowed is no option");
      Demand(own_id || text.find('/') == std::string::npos, "what is allowed is no path");
    }
  }
}

}  // namespace
}  // namespace jettyfleet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using jettyfleet::Demand;
  jettyfleet::v1::Action action;
  if (!jettyfleet::ReadTextOrWire(data, size, &action)) return 0;
  const std::string problem = jettyfleet::FieldProblem(action);
  Demand(problem.size() < 1000, "a problem is said shortly");
  jettyfleet::IsUndo(action);
  if (!problem.empty()) return 0;
  const absl::Duration timeout = jettyfleet::TimeoutOf(action);
  Demand(timeout >= absl::Milliseconds(100) && timeout <= absl::Hours(1), "an action's time is bounded");
  jettyfleet::CheckStrings(action, true);
  return 0;
}
