#include "agent/act/tools.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

// No single answer of HAProxy takes longer unless it hangs.
constexpr absl::Duration kHaproxyTimeout = absl::Seconds(5);

}  // namespace

Task<CommandResult> Tools::Run(std::vector<std::string> argv) {
  Command command;
  command.argv = std::move(argv);
  command.timeout = Remaining();
  if (command.timeout <= absl::ZeroDuration()) {
    CommandResult late;
    late.status = absl::DeadlineExceededError(
        absl::StrCat("the action's time was over before ", command.argv[0], " could be run"));
    co_return late;
  }
  CallbackAwaiter<CommandResult> ended([this, &command](std::function<void(CommandResult)> done) {
    processes_.Run(std::move(command), std::move(done));
  });
  co_return co_await ended;
}

Task<absl::StatusOr<std::string>> Tools::AskHaproxy(std::string command) {
  if (haproxy_ == nullptr) co_return absl::FailedPreconditionError("this host's agent has no HAProxy admin socket");
  const absl::Duration timeout = std::min(Remaining(), kHaproxyTimeout);
  if (timeout <= absl::ZeroDuration()) {
    co_return absl::DeadlineExceededError("the action's time was over before HAProxy could be asked");
  }
  CallbackAwaiter<absl::StatusOr<std::string>> answered([&](std::function<void(absl::StatusOr<std::string>)> done) {
    haproxy_->Ask(std::move(command), timeout, std::move(done));
  });
  co_return co_await answered;
}

}  // namespace jettyfleet
