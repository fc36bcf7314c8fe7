// Files in an agent's state directory: leases, and the log of actions.
#include <sys/stat.h>

#include <cstdint>
#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "agent/act/json_file.h"
#include "agent/act/lease_store.h"
#include "proto/agent_state.pb.h"
#include "tests/fuzz/demand.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

constexpr char kLeaseId[] = "jettyfleet-evict-1";

void WriteFile(const std::string& path, const std::string& text) {
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  Demand(file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size(), "the file can be written");
  Demand(std::fclose(file) == 0, "the file can be written");
}

void CheckLease(const std::string& directory, const std::string& text) {
  LeaseStore store(directory);
  WriteFile(absl::StrCat(store.directory(), "/", kLeaseId, ".json"), text);
  const absl::Status read = store.Reload();
  const v1::LeaseRecord* const record = store.Find(kLeaseId);
  if (!read.ok()) {
    Demand(absl::IsDataLoss(read) && record == nullptr, "a damaged lease is said to be, and is not believed");
    return;
  }
  Demand(record != nullptr && record->lease().id() == kLeaseId && record->lease().has_ends_at(),
         "a lease that is believed has its own id and an end");
  Demand(record->schema() == kStateSchema, "a lease that is believed is of this version");
}

void CheckActionLog(const std::string& path, const std::string& text) {
  WriteFile(path, text);
  v1::AgentState state;
  const absl::Status read = ReadJsonFile(path, &state);
  if (!read.ok()) return Demand(absl::IsDataLoss(read), "a damaged file is DataLoss");
  Demand(state.schema() == kStateSchema, "what is believed is of this version");
  Demand(v1::AgentState().ParseFromString(state.SerializeAsString()), "what is believed can be written");
}

}  // namespace
}  // namespace jettyfleet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const jettyfleet::TemporaryDirectory directory;
  static const int made = mkdir((directory / "leases").c_str(), 0700);
  jettyfleet::Demand(made == 0, "a directory for leases can be made");
  const std::string text(reinterpret_cast<const char*>(data), size);
  jettyfleet::CheckLease(directory.path(), text);
  jettyfleet::CheckActionLog(directory / "actions.json", text);
  return 0;
}
