#include "client/session.h"

#include <grpcpp/create_channel.h>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/render/text.h"
#include "common/tls/credentials.h"

namespace jettyfleet {
namespace {

constexpr int kMostMessageBytes = 64 << 20;
constexpr int kKeepaliveMs = 10000;
constexpr int kKeepaliveTimeoutMs = 5000;

grpc::ChannelArguments Arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMostMessageBytes);
  // A coordinator whose machine has gone must not leave a watching client waiting for ever.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // An http_proxy in the environment is not meant for the fleet.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return arguments;
}

std::string Explain(const grpc::Status& status, const Settings& settings) {
  const std::string& what = status.error_message();
  switch (status.error_code()) {
    case grpc::UNAVAILABLE:
      return absl::StrCat("the coordinator cannot be reached: ", settings.coordinator, ": ", what,
                          "; is it running there (--coordinator), and is ",
                          settings.insecure ? "it without TLS too (--insecure)?"
                                            : absl::StrCat(settings.certs, " of its fleet (--certs)?"));
    case grpc::DEADLINE_EXCEEDED:
      return absl::StrCat("no answer in time: ", settings.coordinator, ": ", what,
                          "; try again, with a longer --timeout");
    case grpc::UNIMPLEMENTED:
      return absl::StrCat("not known to this coordinator: ", settings.coordinator, ": ", what,
                          "; update it, or use a client of its version");
    case grpc::UNAUTHENTICATED:
    case grpc::PERMISSION_DENIED:
      return absl::StrCat("not allowed: ", settings.coordinator, ": ", what);
    default:
      return what.empty() ? absl::StrCat("the coordinator ", settings.coordinator, " gave error ",
                                         static_cast<int>(status.error_code()), " and no reason; see its journal")
                          : what;
  }
}

bool MayHaveBeenDone(const grpc::Status& status) {
  return status.error_code() == grpc::UNAVAILABLE || status.error_code() == grpc::DEADLINE_EXCEEDED ||
         status.error_code() == grpc::CANCELLED || status.error_code() == grpc::UNKNOWN;
}

}  // namespace

void PrintError(const Console& console, absl::string_view line) {
  console.err << "jettyfleet: " << Harmless(line) << std::endl;
}

Session::Session(const Settings& settings, const Console& console) : settings_(settings), console_(console) {}

ExitCode Session::Open() {
  if (settings_.insecure) {
    const auto credentials = InsecurePeerCredentials(settings_.coordinator);
    if (!credentials.ok()) {
      PrintError(console_, absl::StrCat("--insecure: ", credentials.status().message()));
      return kExitUsage;
    }
    channel_ = grpc::CreateCustomChannel(settings_.coordinator, *credentials, Arguments());
    stub_ = v1::FleetService::NewStub(channel_);
    return kExitYes;
  }
  const auto credentials = PeerCredentials(TlsFilesIn(settings_.certs));
  if (!credentials.ok()) {
    PrintError(console_, absl::StrCat(credentials.status().message(), "; --certs names another directory"));
    return kExitUnreachable;
  }
  channel_ = grpc::CreateCustomChannel(settings_.coordinator, *credentials, Arguments());
  stub_ = v1::FleetService::NewStub(channel_);
  return kExitYes;
}

std::unique_ptr<grpc::ClientContext> Session::Context(absl::Duration usual) const {
  auto context = std::make_unique<grpc::ClientContext>();
  const absl::Duration timeout = settings_.timeout.value_or(usual);
  if (timeout != absl::InfiniteDuration()) context->set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  return context;
}

ExitCode Session::Fail(const grpc::Status& status) const {
  PrintError(console_, Explain(status, settings_));
  return ExitCodeOf(status);
}

ExitCode Session::FailMutation(const grpc::Status& status, absl::string_view look) const {
  const absl::string_view hint = MayHaveBeenDone(status) ? "; whether it was done is not known, look with: " : "";
  PrintError(console_, absl::StrCat(Explain(status, settings_), hint, hint.empty() ? "" : look));
  return ExitCodeOf(status);
}

}  // namespace jettyfleet
