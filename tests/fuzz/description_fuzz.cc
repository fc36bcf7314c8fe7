// A cluster's description in YAML.
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "common/description/description_yaml.h"
#include "common/description/validate.h"
#include "tests/fuzz/demand.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using jettyfleet::Demand;
  const absl::string_view yaml(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<jettyfleet::v1::ClusterDescription> read = jettyfleet::ParseDescription(yaml, "fuzz.yaml");
  if (!read.ok()) {
    const std::string message(read.status().message());
    Demand(absl::IsInvalidArgument(read.status()), "what is wrong is InvalidArgument");
    Demand(message.rfind("fuzz.yaml:", 0) == 0, "what is wrong says where");
    Demand(message.size() < 2000, "what is wrong is said shortly");
    Demand(std::none_of(message.begin(), message.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }),
           "what is wrong is said in one line");
    return 0;
  }
  Demand(!jettyfleet::FindProblem(*read).has_value(), "what is read has passed the checks");
  const std::string written = jettyfleet::EmitDescription(*read);
  const absl::StatusOr<jettyfleet::v1::ClusterDescription> again = jettyfleet::ParseDescription(written, "again.yaml");
  Demand(again.ok(), "what is written can be read");
  Demand(google::protobuf::util::MessageDifferencer::Equals(*read, *again), "what is written is read back the same");
  return 0;
}
