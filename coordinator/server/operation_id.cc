#include "coordinator/server/operation_id.h"

#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace jettyfleet {

std::string NewOperationId(absl::string_view kind, absl::Time now) {
  std::random_device random;
  return absl::StrCat(kind, "-", absl::FormatTime("%Y%m%d-%H%M%S", now, absl::UTCTimeZone()), "-",
                      absl::StrFormat("%04x", random() & 0xffff));
}

}  // namespace jettyfleet
