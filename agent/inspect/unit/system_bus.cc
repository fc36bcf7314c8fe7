#include "agent/inspect/unit/system_bus.h"

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "common/clock.h"

namespace jettyfleet {
namespace {

constexpr char kSystemd[] = "org.freedesktop.systemd1";
constexpr char kUnitPrefix[] = "/org/freedesktop/systemd1/unit";

}  // namespace

SystemBus::SystemBus(const OpenBus& open, absl::Duration timeout) : timeout_(timeout), opened_(open(&bus_)) {}

SystemBus::~SystemBus() { sd_bus_close_unref(bus_); }

absl::Status SystemBus::Problem(int error) const {
  if (error == -ETIMEDOUT) {
    return absl::DeadlineExceededError(absl::StrCat("systemd did not answer within ", absl::FormatDuration(timeout_)));
  }
  return absl::UnavailableError(absl::StrCat("systemd cannot be asked on the system bus: ", std::strerror(-error)));
}

absl::Status SystemBus::Ready() {
  if (opened_ < 0) return Problem(opened_);
  const absl::Duration until = SystemClock().MonotonicNow() + timeout_;
  int ready = 0;
  while ((ready = sd_bus_is_ready(bus_)) == 0) {
    const absl::Duration left = until - SystemClock().MonotonicNow();
    if (left <= absl::ZeroDuration()) return Problem(-ETIMEDOUT);
    int result = sd_bus_process(bus_, nullptr);
    if (result == 0) result = sd_bus_wait(bus_, static_cast<uint64_t>(absl::ToInt64Microseconds(left)));
    if (result < 0 && result != -EINTR) return Problem(result);
  }
  return ready < 0 ? Problem(ready) : absl::OkStatus();
}

absl::Status SystemBus::Call(const std::string& path, const char* interface, const char* member,
                             const std::function<int(sd_bus_message*)>& fill,
                             const std::function<int(sd_bus_message*)>& read) {
  if (const absl::Status ready = Ready(); !ready.ok()) return ready;
  sd_bus_message* call = nullptr;
  sd_bus_message* answer = nullptr;
  sd_bus_error error = SD_BUS_ERROR_NULL;
  int result = sd_bus_message_new_method_call(bus_, &call, kSystemd, path.c_str(), interface, member);
  if (result >= 0) result = fill(call);
  absl::Status status;
  if (result >= 0) {
    result = sd_bus_call(bus_, call, static_cast<uint64_t>(absl::ToInt64Microseconds(timeout_)), &error, &answer);
  }
  if (result < 0) {
    const bool from_systemd = sd_bus_error_is_set(&error) > 0 && result != -ETIMEDOUT;
    status =
        from_systemd
            ? absl::UnavailableError(absl::StrCat("systemd: ", error.message != nullptr ? error.message : error.name))
            : Problem(result);
  } else if (read(answer) < 0) {
    status = absl::InternalError(absl::StrCat("systemd answered ", member, " in an unexpected form"));
  }
  sd_bus_error_free(&error);
  sd_bus_message_unref(answer);
  sd_bus_message_unref(call);
  return status;
}

std::string UnitObjectPath(const std::string& unit) {
  char* path = nullptr;
  if (sd_bus_path_encode(kUnitPrefix, unit.c_str(), &path) < 0) return kUnitPrefix;
  std::string copy = path;
  free(path);
  return copy;
}

}  // namespace jettyfleet
