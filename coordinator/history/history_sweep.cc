#include "coordinator/history/history_sweep.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/log.h"

namespace jettyfleet {

absl::Duration HistorySweep::Sweep() {
  const absl::StatusOr<std::vector<KeptOperation>> operations = store_.Operations();
  if (!operations.ok()) {
    LogWarning(absl::StrCat("history: not looked through: ", std::string(operations.status().message())));
    return kUsually;
  }
  const std::vector<std::string> ids = KeptNoLonger(*operations, settings_, clock_.WallNow(), kMostAtOnce);
  if (ids.empty()) return kUsually;
  if (const absl::Status removed = store_.Remove(ids); !removed.ok()) {
    LogWarning(
        absl::StrCat("history: ", ids.size(), " operations could not be removed: ", std::string(removed.message())));
    return kUsually;
  }
  LogInfo(absl::StrCat("history: ", ids.size(), " of ", operations->size(), " operations removed, ", ids.front(),
                       " to ", ids.back(), ": kept are ", settings_.keep_days, " days and ", settings_.keep_operations,
                       " operations"));
  return ids.size() == kMostAtOnce ? kSoon : kUsually;
}

}  // namespace jettyfleet
