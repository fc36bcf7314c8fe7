// A command's connection to the coordinator, and the ways in which its answers and errors are told.
#ifndef JETTYFLEET_CLIENT_SESSION_H_
#define JETTYFLEET_CLIENT_SESSION_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/console.h"
#include "client/exit_code.h"
#include "client/settings.h"
#include "proto/fleet_service.grpc.pb.h"

namespace jettyfleet {

// "jettyfleet: LINE", as one line.
void PrintError(const Console& console, absl::string_view line);

// Owned by the function that runs a command; one thread.
class Session {
 public:
  // Borrowed: `console` outlives it. Connects at the first call.
  Session(const Settings& settings, const Console& console);

  // Reads the certificates. Prints the error and returns its exit code; kExitYes when calls can be made.
  ExitCode Open();

  v1::FleetService::StubInterface& stub() { return *stub_; }
  // For stubs of other services.
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  const Console& console() const { return console_; }
  Output output() const { return settings_.output; }
  bool json() const { return settings_.output == Output::kJson; }

  // For one call. The operator's --timeout, where there is one, comes before `usual`; absl::InfiniteDuration() for
  // streams that go on.
  std::unique_ptr<grpc::ClientContext> Context(absl::Duration usual) const;

  // Prints one line that says what is wrong, where, and what to do; returns the exit code.
  ExitCode Fail(const grpc::Status& status) const;
  // For calls that change something: an answer that did not come does not mean that nothing was done; `look` is the
  // command that shows it.
  ExitCode FailMutation(const grpc::Status& status, absl::string_view look) const;

 private:
  const Settings settings_;
  const Console& console_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::FleetService::StubInterface> stub_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_SESSION_H_
