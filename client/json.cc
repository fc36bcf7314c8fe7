#include "client/json.h"

#include <google/protobuf/util/json_util.h>

namespace jettyfleet {
namespace {

std::string Print(const google::protobuf::Message& message, bool lines) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = lines;
  options.always_print_primitive_fields = true;
  std::string out;
  const auto status = google::protobuf::util::MessageToJsonString(message, &out, options);
  // It fails on times outside of the years 1 to 9999 only, which come from a coordinator that is out of its mind.
  if (!status.ok()) out = "{\"error\": \"the answer cannot be written as JSON\"}";
  if (out.empty() || out.back() != '\n') out += '\n';
  return out;
}

}  // namespace

std::string ToJson(const google::protobuf::Message& message) { return Print(message, true); }

std::string ToJsonLine(const google::protobuf::Message& message) { return Print(message, false); }

}  // namespace jettyfleet
