// Wires the coordinator together.
#include <grpcpp/server_builder.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "common/tls/caller.h"
#include "common/tls/credentials.h"
#include "common/version.h"
#include "coordinator/archive/archive_desk.h"
#include "coordinator/archive/archive_service.h"
#include "coordinator/archive/fetch_service.h"
#include "coordinator/backup/backup_desk.h"
#include "coordinator/backup/backup_service.h"
#include "coordinator/backup/restore_command.h"
#include "coordinator/backup/unit_state.h"
#include "coordinator/check/judge.h"
#include "coordinator/core/core_loop.h"
#include "coordinator/fleet/registry.h"
#include "coordinator/history/history_sweep.h"
#include "coordinator/journal/sqlite_journal.h"
#include "coordinator/probe/http_traffic_probe.h"
#include "coordinator/server/agent_desk.h"
#include "coordinator/server/agent_service.h"
#include "coordinator/server/check_desk.h"
#include "coordinator/server/check_service.h"
#include "coordinator/server/fleet_desk.h"
#include "coordinator/server/fleet_service.h"
#include "coordinator/server/operation_desk.h"
#include "coordinator/server/recover_desk.h"
#include "coordinator/server/rollout_desk.h"
#include "coordinator/server/route_desk.h"
#include "coordinator/server/route_service.h"

namespace {

using namespace jettyfleet;

constexpr int kMaxMessageBytes = 4 << 20;
constexpr char kOwnUnit[] = "jettyfleet-coordinator.service";

struct Settings {
  std::string listen = "0.0.0.0:7411";
  std::string pki = "/etc/jettyfleet/pki";
  std::string deny_list;
  std::string state = "/var/lib/jettyfleet-coordinator";
  std::string host;
  RetentionSettings retention;
  bool insecure = false;
  bool debug = false;
};

int Fail(const std::string& line) {
  LogError(line);
  return 1;
}

std::string HostName() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "";
}

int Run(const Settings& settings) {
  std::string fleet = "insecure";
  std::shared_ptr<grpc::ServerCredentials> credentials;
  if (settings.insecure) {
    auto made = InsecureCoordinatorCredentials(settings.listen);
    if (!made.ok()) return Fail(std::string(made.status().message()));
    credentials = *made;
  } else {
    auto material = LoadTlsFiles(TlsFilesIn(settings.pki), SystemClock().WallNow());
    if (!material.ok()) return Fail(std::string(material.status().message()));
    auto made = CoordinatorCredentials(*material);
    if (!made.ok()) return Fail(std::string(made.status().message()));
    credentials = *made;
    fleet = material->identity.fleet;
  }

  auto journal = SqliteJournal::Open(settings.state);
  if (!journal.ok()) return Fail(std::string(journal.status().message()));
  FleetStore& store = (*journal)->fleet_store();
  auto uuid = store.CoordinatorUuid();
  if (!uuid.ok()) return Fail(std::string(uuid.status().message()));
  auto epoch = store.NextEpoch();
  if (!epoch.ok()) return Fail(std::string(epoch.status().message()));

  auto contents = ContentStore::Open(settings.state + "/archives");
  if (!contents.ok()) return Fail(std::string(contents.status().message()));
  auto archive_table = ArchiveTable::Open(settings.state + "/archives/index.json");
  if (!archive_table.ok()) return Fail(std::string(archive_table.status().message()));

  DenyList deny_list(settings.deny_list);
  CoreLoop core(SystemClock());
  Registry registry(*uuid, *epoch, settings.host);
  // The desks refer to each other; every call below happens on the core thread, after all of them exist.
  FleetDesk* fleet_desk_pointer = nullptr;
  ApplyDesk* applies_pointer = nullptr;
  RouteDesk* routes_pointer = nullptr;
  RecoverDesk* recover_pointer = nullptr;
  CheckDesk* checks_pointer = nullptr;
  AgentDesk agents(core, registry, SystemClock(), fleet, *uuid, *epoch,
                   {.on_changed =
                        [&](const std::string& cluster) {
                          fleet_desk_pointer->OnChanged(cluster);
                          recover_pointer->OnChanged(cluster);
                          checks_pointer->OnChanged(cluster);
                        },
                    .on_event = [&](const std::string& cluster, const std::string& host,
                                    const std::string& text) { fleet_desk_pointer->OnEvent(cluster, host, text); },
                    .on_result = [&](const HostKey& host,
                                     const v1::ActionResult& result) { fleet_desk_pointer->OnResult(host, result); },
                    .still_welcome = [&](const std::string& serial) { return deny_list.Check(serial); }});
  // One thing at a time changes a cluster; each asks for the others.
  const auto named = [](const char* what, const std::string& id) { return id.empty() ? "" : absl::StrCat(what, id); };
  const auto apply_on = [&](const std::string& cluster) { return named("apply ", applies_pointer->RunningOn(cluster)); };
  const auto route_on = [&](const std::string& cluster) {
    return named("change of the load balancers ", routes_pointer->RunningOn(cluster));
  };
  const auto first = [](std::string one, std::string other) { return one.empty() ? other : one; };
  OperationDesk operations(core, registry, agents, **journal, (*journal)->history_store(), SystemClock(),
                           [&](const std::string& cluster) { return first(apply_on(cluster), route_on(cluster)); },
                           [] { return std::make_unique<HttpTrafficProbe>(); });
  CoreLoop archive_loop(SystemClock());
  ArchiveDesk archives(archive_loop, SystemClock(), **contents, **archive_table);
  RolloutDesk rollouts(core, registry, operations, archives);
  operations.set_follower([&](const Operation& operation) { rollouts.OnOperation(operation); });
  FreshLook look(core, registry, agents, SystemClock());
  const auto operation_on = [&](const std::string& cluster) {
    return named("operation ", operations.RunningOn(cluster));
  };
  ApplyDesk applies(core, registry, agents, look, **journal, store, SystemClock(),
                    [&](const std::string& cluster) { return first(operation_on(cluster), route_on(cluster)); });
  applies_pointer = &applies;
  FleetDesk fleet_desk(core, registry, look, operations, applies, **journal, store, SystemClock(), *uuid, *epoch);
  fleet_desk_pointer = &fleet_desk;
  if (const absl::Status opened = fleet_desk.Open(); !opened.ok()) return Fail(std::string(opened.message()));
  if (const absl::Status resumed = operations.Resume(*uuid, *epoch); !resumed.ok())
    return Fail(std::string(resumed.message()));
  if (const absl::Status resumed = applies.Resume(); !resumed.ok()) return Fail(std::string(resumed.message()));

  RouteDesk routes(
      core, registry, agents, look, **journal, SystemClock(),
      [&](const std::string& cluster) { return first(operation_on(cluster), apply_on(cluster)); },
      [] { return std::make_unique<HttpTrafficProbe>(); });
  routes_pointer = &routes;
  RecoverDesk recover(
      core, registry, agents, **journal, SystemClock(),
      [&](const std::string& cluster) {
        return !first(operation_on(cluster), first(apply_on(cluster), route_on(cluster))).empty();
      },
      [&](const std::string& cluster, const std::string& host, const std::string& text) {
        fleet_desk.OnEvent(cluster, host, text);
      });
  recover_pointer = &recover;
  CheckDesk checks(core, registry, SystemClock(),
                   {.send = [&](const std::string& cluster, const std::string& host,
                                const v1::Action& action) { return agents.Send(cluster, host, action); },
                    .observe = [&](const std::string& cluster, const std::string& host,
                                   const v1::Observe& observe) { agents.Observe(cluster, host, observe); },
                    .traffic = LookAtTraffic,
                    .judge = JudgeChecks,
                    .overall = OverallOf});
  checks_pointer = &checks;
  BackupDesk backups(core, (*journal)->database(), absl::StrCat(settings.state, "/journal.backup"), SystemClock());
  CallerGate gate(&deny_list, settings.insecure);
  AgentService agent_service(core, gate, agents);
  FleetService fleet_service(core, gate, fleet_desk, applies, operations, rollouts, store);
  RouteService route_service(core, gate, fleet_desk, routes);
  ArchiveService archive_service(gate, archives);
  FetchService fetch_service(gate, archives);
  CheckService check_service(core, gate, fleet_desk, checks, ListOfChecks);
  BackupService backup_service(core, gate, backups);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(settings.listen, credentials, &port);
  builder.RegisterService(&agent_service);
  builder.RegisterService(&fleet_service);
  builder.RegisterService(&route_service);
  builder.RegisterService(&archive_service);
  builder.RegisterService(&fetch_service);
  builder.RegisterService(&check_service);
  builder.RegisterService(&backup_service);
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder.SetMaxSendMessageSize(kMaxMessageBytes);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5'000);
  // A second coordinator on the same port must fail, not share it.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    return Fail(absl::StrCat("cannot listen on ", settings.listen, ": is another coordinator running there?"));
  }

  std::thread core_thread([&core] { core.Run(); });
  std::thread archive_thread([&archive_loop] { archive_loop.Run(); });
  archives.Start();
  core.Post([&] { agents.Start(); });
  HistorySweep sweep((*journal)->history_store(), settings.retention, SystemClock());
  std::function<void()> sweep_history = [&] { core.PostAfter(sweep.Sweep(), sweep_history); };
  core.Post(sweep_history);
  LogInfo(
      absl::StrCat("coordinator ", *uuid, " of fleet ", fleet, ", epoch ", *epoch, ", listening on ", settings.listen));
  sd_notify(0, "READY=1");

  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  int signal = 0;
  sigwait(&signals, &signal);
  sd_notify(0, "STOPPING=1");
  // An operation under way is a pause for whoever starts next: the journal has it, leases bound it.
  server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
  core.Stop();
  core_thread.join();
  archive_loop.Stop();
  archive_thread.join();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  settings.host = HostName();
  CLI::App app("jettyfleet's coordinator: one picture of every cluster, and the operations on them");
  app.set_version_flag("--version", kVersion);
  // A setting that nobody reads is a mistake, and its author should hear of it.
  app.allow_config_extras(CLI::config_extras_mode::error);
  app.set_config("--config", "/etc/jettyfleet/coordinator.conf", "settings, one KEY = VALUE a line");
  app.add_option("--listen", settings.listen, "ADDRESS:PORT for agents and operators");
  app.add_option("--pki", settings.pki, "directory with ca.pem, cert.pem and key.pem");
  app.add_option("--deny-list", settings.deny_list, "file of refused certificate serials, one a line");
  app.add_option("--state", settings.state, "directory of the journal and the archives");
  app.add_option("--host", settings.host, "this host's name, for knowing whether it is a cluster node");
  app.add_option("--keep-days", settings.retention.keep_days, "days for which ended operations are kept")
      ->check(CLI::Range(1, kLongestKeepDays));
  app.add_option("--keep-operations", settings.retention.keep_operations, "the most operations that are kept")
      ->check(CLI::Range(1, kMostKeptOperations));
  app.add_flag("--insecure", settings.insecure, "plain text for operators; loopback only, and no agent is let in");
  app.add_flag("--debug", settings.debug);
  std::string backup;
  CLI::App* const restore = app.add_subcommand("restore-backup", "put a backup in the place of the journal, and end");
  restore->fallthrough();
  restore->add_option("file", backup, "what jettyfleet backup made")->required();
  CLI11_PARSE(app, argc, argv);
  SetUpLog(settings.debug);
  if (restore->parsed()) {
    return RunRestoreCommand({backup, settings.state, [] { return CheckUnitStopped(kOwnUnit); }}, SystemClock(),
                             std::cout, std::cerr);
  }

  // Every thread inherits the mask; main waits for the signals.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  // gRPC writes lines of its own about what we tell in our words; whoever wants them sets the variable.
  setenv("GRPC_VERBOSITY", "NONE", 0);
  return Run(settings);
}
