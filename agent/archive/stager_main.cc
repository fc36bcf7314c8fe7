// jettyfleet-stager: one act on an archive's place, run by the agent. A program of its own, because fetching needs
// memory and time that the agent shall not spend. Prints the act's result, a v1.ActionResult, as JSON.
#include <google/protobuf/util/json_util.h>
#include <grpcpp/create_channel.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/act/outcome.h"
#include "agent/archive/archive_acts.h"
#include "agent/archive/unit_state.h"
#include "common/proto_time.h"
#include "common/tls/credentials.h"
#include "common/version.h"

namespace {

using namespace jettyfleet;

// Jetty's own work on the node goes first.
constexpr int kNiceness = 5;
// What may be on its way to us unread: the coordinator is held back beyond it.
constexpr int kReadAheadBytes = 1 << 20;
constexpr int kLargestMessageBytes = 1 << 20;
constexpr int kLargestFrameBytes = 512 << 10;

struct Source {
  std::vector<std::string> coordinators;
  std::string pki = "/etc/jettyfleet/pki";
};

grpc::ChannelArguments Arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kLargestMessageBytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kReadAheadBytes);
  // HTTP/2's usual 16 KiB would cut each chunk into sixteen.
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_FRAME_SIZE, kLargestFrameBytes);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5'000);
  // Clusters are reached directly; a proxy meant for the web must not see this.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return arguments;
}

v1::ActionResult Stage(const v1::StageArchive& act, const Source& source) {
  const auto credentials = PeerCredentials(TlsFilesIn(source.pki));
  if (!credentials.ok()) return Refused(credentials.status().message());
  std::vector<std::unique_ptr<Fetcher::Stub>> stubs;
  for (const std::string& coordinator : source.coordinators) {
    stubs.push_back(v1::FetchService::NewStub(grpc::CreateCustomChannel(coordinator, *credentials, Arguments())));
  }
  if (setpriority(PRIO_PROCESS, 0, kNiceness) < 0) return Refused("cannot lower its own priority");
  Fetcher fetcher(std::move(stubs), SystemClock(), [](absl::Duration pause) { absl::SleepFor(pause); },
                  {.bytes_per_second = act.bytes_per_second()});
  return StageArchive(act, fetcher, SystemWrite());
}

int Print(const v1::ActionResult& result) {
  std::string text;
  const google::protobuf::util::Status printed = google::protobuf::util::MessageToJsonString(result, &text);
  if (!printed.ok()) {
    std::cerr << "jettyfleet-stager: " << printed.message() << "\n";
    return 1;
  }
  std::cout << text << std::endl;
  return std::cout.good() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Source source;
  v1::StageArchive stage;
  v1::DropStaged drop;
  v1::SwitchArchive change;
  std::string target;
  std::string sha256;
  uint64_t size = 0;
  uint64_t rate = 0;
  uint32_t keep = 0;
  std::string unit;
  int64_t before_us = 0;
  CLI::App app("jettyfleet's stager: brings archives beside their targets and puts them in place, for the agent");
  app.set_version_flag("--version", kVersion);
  app.require_subcommand(1);
  const auto about = [&](CLI::App* command) {
    command->add_option("--target", target, "the archive that is deployed, or a link to it")->required();
    command->add_option("--sha256", sha256, "of the archive to stage, drop or put in place")->required();
    return command;
  };
  CLI::App* const staging = about(app.add_subcommand("stage", "fetch it, and keep it beside the target"));
  staging->add_option("--size", size, "bytes")->required();
  staging->add_option("--bytes-per-second", rate, "at most; 0 is as fast as it goes");
  staging->add_option("--keep", keep, "versions that are neither in place nor staged now");
  staging->add_option("--coordinator", source.coordinators, "HOST:PORT; more than one are tried in turn")->required();
  staging->add_option("--pki", source.pki, "directory with ca.pem, cert.pem and key.pem");
  CLI::App* const dropping = about(app.add_subcommand("drop", "remove it, unless it is in place"));
  CLI::App* const switching = about(app.add_subcommand("switch", "put it in place"));
  switching->add_option("--unit", unit, "must not run; without .service")->required();
  switching->add_option("--before-us", before_us, "not after this, in microseconds since 1970")->required();
  CLI11_PARSE(app, argc, argv);

  std::signal(SIGPIPE, SIG_IGN);
  // gRPC writes lines of its own about what we tell in our words; whoever wants them sets the variable.
  setenv("GRPC_VERBOSITY", "NONE", 0);
  if (staging->parsed()) {
    stage.set_target(target);
    stage.set_sha256(sha256);
    stage.set_size(size);
    stage.set_bytes_per_second(rate);
    stage.set_keep(keep);
    return Print(Stage(stage, source));
  }
  if (dropping->parsed()) {
    drop.set_target(target);
    drop.set_sha256(sha256);
    return Print(DropStaged(drop));
  }
  change.set_target(target);
  change.set_sha256(sha256);
  change.set_unit(unit);
  *change.mutable_before() = ToProto(absl::FromUnixMicros(before_us));
  return Print(SwitchArchive(
      change, [](const std::string& name) { return ReadUnitState(name); }, SystemClock(), SystemWrite()));
}
