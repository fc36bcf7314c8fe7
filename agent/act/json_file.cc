#include "agent/act/json_file.h"

#include <google/protobuf/util/json_util.h>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "agent/act/outcome.h"
#include "common/durable_file.h"
#include "common/file.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kLimitBytes = 4 << 20;

absl::Status Damaged(const std::string& path, absl::string_view why) {
  return absl::DataLossError(absl::StrCat(path, " is damaged or from another version (", OneLine(why),
                                          "): look at it and follow 'A damaged state file' in docs/runbook.md"));
}

}  // namespace

absl::Status ReadJsonFile(const std::string& path, google::protobuf::Message* message) {
  const absl::StatusOr<std::string> text = ReadSmallFile(path, kLimitBytes);
  if (absl::IsNotFound(text.status())) return text.status();
  if (!text.ok()) return Damaged(path, absl::string_view(text.status().message()));
  const google::protobuf::util::Status parsed = google::protobuf::util::JsonStringToMessage(*text, message);
  if (!parsed.ok()) return Damaged(path, std::string(parsed.message()));
  const google::protobuf::FieldDescriptor* const schema = message->GetDescriptor()->FindFieldByName("schema");
  const uint32_t found = message->GetReflection()->GetUInt32(*message, schema);
  if (found != kStateSchema) return Damaged(path, absl::StrCat("schema ", found, ", not ", kStateSchema));
  return absl::OkStatus();
}

absl::Status WriteJsonFile(const std::string& path, const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  std::string text;
  const google::protobuf::util::Status printed = google::protobuf::util::MessageToJsonString(message, &text, options);
  if (!printed.ok())
    return absl::InternalError(absl::StrCat("cannot write ", path, ": ", std::string(printed.message())));
  return ReplaceFile(path, text);
}

}  // namespace jettyfleet
