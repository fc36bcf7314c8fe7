// Messages as JSON files that people can read too.
#ifndef JETTYFLEET_AGENT_ACT_JSON_FILE_H_
#define JETTYFLEET_AGENT_ACT_JSON_FILE_H_

#include <google/protobuf/message.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace jettyfleet {

// Of every file; a newer agent that changes their meaning raises it.
inline constexpr uint32_t kStateSchema = 1;

// NotFound: there is none. DataLoss: damaged, too large, or with what this version does not know; the message names the
// file and says what to do.
absl::Status ReadJsonFile(const std::string& path, google::protobuf::Message* message);

// As ReplaceFile.
absl::Status WriteJsonFile(const std::string& path, const google::protobuf::Message& message);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_JSON_FILE_H_
