// Wires the agent together; what it does stands in agent.cc, observe/ and act/.
#include <systemd/sd-daemon.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "agent/act/undo.h"
#include "agent/agent.h"
#include "agent/loop.h"
#include "agent/process_runner.h"
#include "agent/restart_sequence.h"
#include "agent/unused_pages.h"
#include "common/log.h"
#include "common/tls/credentials.h"
#include "common/version.h"

namespace {

using namespace jettyfleet;

struct Settings {
  std::vector<std::string> coordinators = {"localhost:7411"};
  std::string node;
  std::string cluster;
  std::string kind = "node";
  std::string haproxy_socket;
  std::string pki = "/etc/jettyfleet/pki";
  std::string state = "/var/lib/jettyfleet-agent";
  bool debug = false;
};

int Fail(const std::string& line) {
  LogError(line);
  return 1;
}

std::string BootId() {
  std::ifstream in("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(in, id);
  return id;
}

ActorOptions OptionsForActing(const Settings& settings) {
  return {.node = settings.node,
          .state_dir = settings.state,
          .haproxy_socket = settings.haproxy_socket,
          .self_path = "",
          .stager = {.coordinators = settings.coordinators, .pki = settings.pki}};
}

int Run(Loop& loop, ProcessRunner& processes, const Settings& settings) {
  const bool balancer = settings.kind == "lb";
  absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> credentials = PeerCredentials(TlsFilesIn(settings.pki));
  if (!credentials.ok()) return Fail(std::string(credentials.status().message()));
  absl::StatusOr<uint64_t> sequence = NextRestartSequence(settings.state);
  if (!sequence.ok()) return Fail(std::string(sequence.status().message()));

  Agent::Options options;
  options.identity.set_protocol_min(1);
  options.identity.set_protocol_max(1);
  options.identity.set_cluster(balancer ? "" : settings.cluster);
  options.identity.set_host(settings.node);
  options.identity.set_kind(balancer ? v1::Hello::KIND_LOAD_BALANCER : v1::Hello::KIND_NODE);
  options.identity.set_boot_id(BootId());
  options.identity.set_restart_sequence(*sequence);
  options.identity.set_version(kVersion);
  options.observer = {.kind = options.identity.kind(), .haproxy_socket = settings.haproxy_socket};
  options.actor = OptionsForActing(settings);
  options.link.coordinators = settings.coordinators;

  Agent agent(loop, processes, SystemClock(), *credentials, std::move(options));
  if (const absl::Status started = agent.Start(); !started.ok()) return Fail(std::string(started.message()));
  sd_event_set_watchdog(loop.event(), 1);
  sd_event_add_signal(loop.event(), nullptr, SIGTERM, nullptr, nullptr);
  sd_event_add_signal(loop.event(), nullptr, SIGINT, nullptr, nullptr);
  sd_notify(0, "READY=1");
  const UnusedPages unused_pages(loop);
  const int code = loop.Run();
  sd_notify(0, "STOPPING=1");
  // gRPC's threads may still be in the middle of a call; leases hold whatever was under way.
  std::quick_exit(code < 0 ? 1 : code);
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  std::string lease;
  bool all = false;
  CLI::App app("jettyfleet's agent: observes this host and carries out typed actions for the coordinator");
  app.set_version_flag("--version", kVersion);
  // A setting that nobody reads is a mistake, and its author should hear of it.
  app.allow_config_extras(CLI::config_extras_mode::error);
  app.set_config("--config", "/etc/jettyfleet/agent.conf", "settings, one KEY = VALUE a line");
  app.add_option("--coordinator", settings.coordinators, "HOST:PORT; more than one are tried in turn");
  app.add_option("--node", settings.node, "this host's name: the cluster node's, or the load balancer host's")
      ->required();
  app.add_option("--cluster", settings.cluster, "the cluster's name (kind node)");
  app.add_option("--kind", settings.kind, "node or lb")->check(CLI::IsMember({"node", "lb"}));
  app.add_option("--haproxy-socket", settings.haproxy_socket, "HAProxy's admin socket (kind lb)");
  app.add_option("--pki", settings.pki, "directory with ca.pem, cert.pem and key.pem");
  app.add_option("--state", settings.state, "directory for epoch, done actions and leases");
  app.add_flag("--debug", settings.debug);
  app.require_subcommand(1);
  CLI::App* const run = app.add_subcommand("run", "observe and serve the coordinator");
  CLI::App* const undo =
      app.add_subcommand("undo", "undo one lease, or all of ours on this host; needs no coordinator");
  undo->add_option("lease", lease, "lease id");
  undo->add_flag("--all", all, "everything of ours on this host and in its cluster");
  CLI::App* const sweep = app.add_subcommand("sweep", "at boot: undo what was in force when the host went down");
  CLI11_PARSE(app, argc, argv);
  SetUpLog(settings.debug);

  // Threads of gRPC inherit this: signals are the loop's.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGCHLD);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  // gRPC writes lines of its own about what we tell in our words; whoever wants them sets the variable.
  setenv("GRPC_VERBOSITY", "NONE", 0);

  absl::StatusOr<std::unique_ptr<Loop>> loop = Loop::Create();
  if (!loop.ok()) return Fail(std::string(loop.status().message()));
  const std::unique_ptr<ProcessRunner> processes = CreateProcessRunner(**loop);
  if (run->parsed()) return Run(**loop, *processes, settings);
  if (sweep->parsed()) return Sweep(**loop, *processes, OptionsForActing(settings));
  if (undo->parsed() && all == lease.empty()) {
    return all ? UndoAll(**loop, *processes, OptionsForActing(settings))
               : UndoOne(**loop, *processes, OptionsForActing(settings), lease);
  }
  std::cerr << "jettyfleet-agent undo: give one lease id, or --all\n";
  return 2;
}
