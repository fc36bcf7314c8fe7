#include "coordinator/history/retention.h"

#include <map>
#include <utility>

namespace jettyfleet {
namespace {

constexpr absl::Duration kJustNow = absl::Hours(1);

}  // namespace

std::vector<std::string> KeptNoLonger(const std::vector<KeptOperation>& operations, const RetentionSettings& settings,
                                      absl::Time now, std::size_t most_at_once) {
  std::map<std::pair<std::string, KeptOperation::Kind>, const KeptOperation*> newest;
  for (const KeptOperation& operation : operations) newest[{operation.cluster, operation.kind}] = &operation;
  const absl::Time oldest_kept = now - absl::Hours(24) * settings.keep_days;
  std::vector<std::string> ids;
  for (const KeptOperation& operation : operations) {
    if (ids.size() >= most_at_once) break;
    if (!operation.ended || operation.last_at > now - kJustNow) continue;
    if (newest.at({operation.cluster, operation.kind}) == &operation) continue;
    const bool too_many = operations.size() - ids.size() > static_cast<std::size_t>(settings.keep_operations);
    if (too_many || operation.last_at < oldest_kept) ids.push_back(operation.id);
  }
  return ids;
}

}  // namespace jettyfleet
