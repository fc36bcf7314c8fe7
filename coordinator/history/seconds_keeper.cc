#include "coordinator/history/seconds_keeper.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/drill/traffic_rows.h"
#include "common/log.h"

namespace jettyfleet {

void SecondsKeeper::Resume(const std::string& operation_id) {
  absl::StatusOr<std::vector<v1::TrafficSecond>> stored = store_.FindSeconds(operation_id);
  if (stored.ok()) {
    before_ = *std::move(stored);
  } else {
    LogWarning(stored.status().message());
  }
}

std::vector<v1::TrafficSecond> SecondsKeeper::Rows(const TrafficProbe* probe) const {
  std::vector<v1::TrafficSecond> rows = before_;
  if (probe != nullptr) {
    for (v1::TrafficSecond& row : probe->Seconds()) rows.push_back(std::move(row));
  }
  BoundRows(kMostTrafficRows, &rows);
  return rows;
}

void SecondsKeeper::Keep(const std::string& operation_id, const TrafficProbe& probe) {
  const absl::Duration now = clock_.MonotonicNow();
  if (next_ == absl::InfiniteDuration()) next_ = now + kInterval;
  if (now < next_) return;
  next_ = now + kInterval;
  KeepLast(operation_id, probe);
}

void SecondsKeeper::KeepLast(const std::string& operation_id, const TrafficProbe& probe) {
  const absl::Status stored = store_.StoreSeconds(operation_id, Rows(&probe));
  if (stored.ok() || complained_) return;
  complained_ = true;
  LogWarning(absl::StrCat("operation ", operation_id,
                          ": its traffic second by second is not kept: ", std::string(stored.message())));
}

}  // namespace jettyfleet
