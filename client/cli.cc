#include "client/cli.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <functional>
#include <sstream>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "client/command/archive_commands.h"
#include "client/command/backup_commands.h"
#include "client/command/change_commands.h"
#include "client/command/check_command.h"
#include "client/command/drill_commands.h"
#include "client/command/drill_series.h"
#include "client/command/events_command.h"
#include "client/command/pki_commands.h"
#include "client/command/plan_commands.h"
#include "client/command/read_commands.h"
#include "client/command/rollout_commands.h"
#include "client/command/route_commands.h"
#include "client/drill_options.h"
#include "client/exit_code.h"
#include "client/rollout_options.h"
#include "client/session.h"
#include "client/settings.h"
#include "common/version.h"

namespace jettyfleet {
namespace {

constexpr char kFooter[] =
    "Exit status: 0 yes, 1 the answer is no, 2 usage, 3 unreachable or not authorised, 4 refused by a gate.\n";

// Reads a command line into `settings` and `command`. CLI11 reports by exceptions; they end in Parse.
class CommandLine {
 public:
  CommandLine(Settings* settings, const Console& console) : settings_(*settings), console_(console) {
    app_.require_subcommand(1);
    app_.fallthrough();  // global options may stand after the command
    app_.footer(kFooter);
    AddGlobalOptions();
    AddReadCommands();
    AddCheck();
    AddChangeCommands();
    AddDrill();
    AddRoute();
    AddArchive();
    AddRollout();
    AddBackup();
    AddPki();
    Add(app_, "version", "Print the version")->callback([this] {
      run_ = [this] {
        console_.out << "jettyfleet " << kVersion << std::endl;
        return kExitYes;
      };
    });
  }

  // kExitYes: `Run` may be called. Otherwise everything has been said; -1 means that help was asked for.
  int Parse(std::vector<std::string> arguments) {
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the end
    try {
      app_.parse(std::move(arguments));
      return kExitYes;
    } catch (const CLI::ParseError& problem) {
      std::ostringstream out;
      std::ostringstream ignored;
      if (app_.exit(problem, out, ignored) == 0) {
        console_.out << out.str() << std::flush;
        return -1;
      }
      PrintError(console_, absl::StrCat(problem.what(), "; see jettyfleet --help"));
      return kExitUsage;
    }
  }

  ExitCode Run() {
    const bool prints_junit =
        std::any_of(junit_.begin(), junit_.end(), [](const CLI::App* command) { return command->parsed(); });
    if (settings_.output != Output::kJunit || prints_junit) return run_();
    PrintError(console_, "-o junit: only check, drill show and rollout show have it");
    return kExitUsage;
  }

 private:
  using Command = std::function<ExitCode(Session&)>;

  CLI::App* Add(CLI::App& parent, const char* name, const char* what) {
    CLI::App* const command = parent.add_subcommand(name, what);
    command->fallthrough();
    return command;
  }

  // A command that needs the coordinator.
  void OnChosen(CLI::App* command, Command call) {
    command->callback([this, call = std::move(call)] {
      run_ = [this, call] {
        Session session(settings_, console_);
        const ExitCode opened = session.Open();
        return opened == kExitYes ? call(session) : opened;
      };
    });
  }

  void OnChosenLocally(CLI::App* command, std::function<ExitCode()> call) {
    command->callback([this, call = std::move(call)] { run_ = call; });
  }

  void AddGlobalOptions() {
    app_.add_option("--coordinator", settings_.coordinator, "The coordinator's HOST:PORT")->capture_default_str();
    app_.add_option("--certs", settings_.certs, "Directory of ca.pem, cert.pem and key.pem")->capture_default_str();
    app_.add_flag("--insecure", settings_.insecure, "Without TLS; loopback addresses only");
    app_.add_option_function<std::string>(
            "-o,--output",
            [this](const std::string& text) {
              settings_.output = text == "json" ? Output::kJson : text == "junit" ? Output::kJunit : Output::kTable;
            },
            "text (or table, the same), json, or junit for check, drill show and rollout show")
        ->check(CLI::IsMember({"text", "table", "json", "junit"}));
    AddDurationOption(app_, "--timeout", "Longest wait for an answer, such as 10s",
                      [this](absl::Duration timeout) { settings_.timeout = timeout; });
  }

  void AddCluster(CLI::App* command) {
    command->add_option("cluster", cluster_, "The cluster's name; not needed where there is one");
  }

  void AddWhy(CLI::App* command, bool required) {
    command->add_option("--why", why_, "The reason, for the journal")->required(required);
  }

  void AddReadCommands() {
    CLI::App* const status = Add(app_, "status", "Show every cluster, node by node");
    AddCluster(status);
    OnChosen(status, [this](Session& session) { return RunStatus(session, cluster_); });
    CLI::App* const discover = Add(app_, "discover", "Show Jetty units and resources that exist");
    AddCluster(discover);
    OnChosen(discover, [this](Session& session) { return RunDiscover(session, cluster_); });
    CLI::App* const verify = Add(app_, "verify", "Compare a cluster with its description");
    AddCluster(verify);
    OnChosen(verify, [this](Session& session) { return RunVerify(session, cluster_); });
    CLI::App* const events = Add(app_, "events", "Print what happened");
    AddCluster(events);
    events->add_option("--after", events_.after, "Only events after this number");
    events->add_flag("--follow", events_.follow, "Go on printing new events");
    OnChosen(events, [this](Session& session) {
      events_.cluster = cluster_;
      return RunEvents(session, events_);
    });
  }

  void AddCheck() {
    CLI::App* const check = Add(app_, "check", "Look at everything that must be true of a cluster");
    AddCluster(check);
    check->add_flag("--all", check_.all, "Also list what passed");
    check->add_option("--only", check_.only, "One area (ports) or check (ports.bound)");
    check->add_flag("--diff", check_.diff, "Show how files of configuration differ, secrets masked");
    check->add_flag("--rehash", check_.rehash, "Read every file again instead of trusting its size and times");
    CLI::Option* const watch = check->add_flag("--watch", check_.watch, "Go on, and print what changes");
    AddDurationOption(*check, "--interval", "Time between two looks (10s); with --watch",
                      [this](absl::Duration interval) { check_.interval = interval; });
    check->get_option("--interval")->needs(watch);
    CLI::Option* const list = check->add_flag("--list", list_checks_, "Show every check that there is");
    CLI::Option* const explain = check->add_option("--explain", explained_, "What one check looks at, and why");
    list->excludes(explain)->excludes(watch);
    explain->excludes(watch);
    OnChosen(check, [this](Session& session) {
      const bool looks = !list_checks_ && explained_.empty();
      if (session.output() == Output::kJunit && (!looks || check_.watch)) {
        PrintError(console_, "-o junit: only a check that ends has it; give -o json");
        return kExitUsage;
      }
      if (list_checks_) return RunCheckList(session);
      if (!looks) return RunCheckExplain(session, explained_);
      check_.cluster = cluster_;
      return RunCheck(session, check_);
    });
    junit_.push_back(check);
  }

  void AddChangeCommands() {
    CLI::App* const plan = Add(app_, "plan", "Show what apply would change, and what Pacemaker would do");
    plan->add_option("-f,--file", file_, "The description, YAML; - is standard input")->required();
    OnChosen(plan, [this](Session& session) { return RunPlan(session, file_); });
    CLI::App* const describe = Add(app_, "describe", "Print the description of a cluster as it is");
    AddCluster(describe);
    OnChosen(describe, [this](Session& session) { return RunDescribe(session, cluster_); });
    CLI::App* const apply = Add(app_, "apply", "Bring a cluster into line with its description");
    apply->add_option("-f,--file", apply_.file, "The description, YAML; - is standard input")->required();
    apply->add_flag("--allow-disruption", apply_.allow_disruption, "Also do what stops a running instance");
    AddWhy(apply, false);
    OnChosen(apply, [this](Session& session) {
      apply_.why = why_;
      return RunApply(session, apply_);
    });
    CLI::App* const restore = Add(app_, "restore", "Undo everything of ours that is in force");
    AddCluster(restore);
    AddWhy(restore, false);
    OnChosen(restore, [this](Session& session) { return RunRestore(session, cluster_, why_, false); });
    CLI::App* const takeover =
        Add(app_, "takeover", "The same after a coordinator that is gone for good, with its lock");
    AddCluster(takeover);
    AddWhy(takeover, true);
    OnChosen(takeover, [this](Session& session) { return RunRestore(session, cluster_, why_, true); });
  }

  void AddDrill() {
    CLI::App* const drill = Add(app_, "drill", "Take nodes out one by one and bring them back");
    drill->require_subcommand(1);
    AddDrillStart(Add(*drill, "start", "Begin one, and watch it to its end"));
    OnChosenLocally(Add(*drill, "scenarios", "Show what drills there are; needs no coordinator"),
                    [this] { return RunDrillScenarios(console_, settings_.output == Output::kJson); });
    CLI::App* const list = Add(*drill, "list", "Show all drills");
    AddCluster(list);
    OnChosen(list, [this](Session& session) { return RunDrillList(session, cluster_); });
    CLI::App* const show = AddDrillWithId(*drill, "show", "Show where one is");
    show->add_flag("--seconds", with_seconds_, "With the traffic second by second");
    OnChosen(show, [this](Session& session) { return RunDrillShow(session, cluster_, id_, with_seconds_); });
    junit_.push_back(show);
    CLI::App* const watch = AddDrillWithId(*drill, "watch", "Follow one to its end");
    OnChosen(watch, [this](Session& session) {
      WatchArguments arguments;
      arguments.cluster = cluster_;
      arguments.operation_id = id_;
      return RunDrillWatch(session, arguments);
    });
    CLI::App* const abort = AddDrillWithId(*drill, "abort", "Stop one and give everything back");
    AddWhy(abort, true);
    OnChosen(abort, [this](Session& session) { return RunDrillAbort(session, cluster_, id_, why_, "drill"); });
    CLI::App* const report = AddDrillWithId(*drill, "report", "What it took and what clients felt");
    OnChosen(report, [this](Session& session) { return RunDrillReport(session, cluster_, id_); });
  }

  CLI::App* AddDrillWithId(CLI::App& drill, const char* name, const char* what) {
    CLI::App* const command = Add(drill, name, what);
    command->add_option("id", id_, "The drill's id; the running or newest one where it is not given");
    command->add_option("--cluster", cluster_, "The cluster's name; not needed where there is one");
    return command;
  }

  void AddDrillStart(CLI::App* start) {
    start->add_option("cluster", cluster_, "The cluster's name; not needed where there is one");
    AddDrillOptions(*start, &spec_, &all_scenarios_);
    AddWhy(start, false);
    start->add_flag("--detach", detach_, "Return at once");
    OnChosen(start, [this](Session& session) {
      spec_.set_cluster(cluster_);
      spec_.set_why(why_);
      if (all_scenarios_ && detach_) {
        PrintError(console_, "--scenario all starts one drill after the other, so it has to stay: leave out --detach");
        return kExitUsage;
      }
      if (all_scenarios_) return RunDrillSeries(session, spec_);
      return RunDrillStart(session, spec_, detach_);
    });
  }

  void AddRoute() {
    CLI::App* const route = Add(app_, "route", "The load balancers: what leads where");
    route->require_subcommand(1);
    CLI::App* const show = Add(*route, "show", "Show the cluster's view and each load balancer's, and what disagrees");
    AddCluster(show);
    OnChosen(show, [this](Session& session) { return RunRouteShow(session, cluster_); });

    CLI::App* const render = Add(*route, "render", "Write a load balancer's configuration; needs no coordinator");
    render->require_subcommand(1);
    CLI::App* const haproxy = Add(*render, "haproxy", "The backends of a description, for HAProxy");
    haproxy->add_option("-f,--file", file_, "The description, YAML; - is standard input")->required();
    haproxy->add_option("--host", host_, "The load balancer's host; not needed where all are the same");
    OnChosenLocally(haproxy, [this] { return RunRouteRender(console_, file_, host_); });

    CLI::App* const apply = Add(*route, "apply", "Bring the load balancers into line");
    AddCluster(apply);
    AddWhy(apply, true);
    apply->add_flag("--take-over", route_.take_over, "Also make ready what somebody else has drained");
    OnChosen(apply, [this](Session& session) { return RunRouteApply(session, RouteOf()); });

    CLI::App* const drain = AddRouteOfNode(*route, "drain", "Take a node out of every load balancer, on a lease");
    AddDurationOption(*drain, "--lease", "After that it is back whatever happens (30m)",
                      [this](absl::Duration lease) { route_.lease = lease; });
    AddDurationOption(*drain, "--deadline", "Longest wait for its sessions to end by themselves (30s)",
                      [this](absl::Duration deadline) { route_.deadline = deadline; });
    OnChosen(drain, [this](Session& session) { return RunRouteDrain(session, RouteOf()); });

    CLI::App* const restore = AddRouteOfNode(*route, "restore", "Bring a node back into every load balancer");
    OnChosen(restore, [this](Session& session) { return RunRouteRestore(session, RouteOf()); });
    AddRouteShift(Add(*route, "shift", "Bring drained nodes into service, a few per cent of their share at first"));
  }

  void AddRouteShift(CLI::App* shift) {
    shift->add_option("nodes", route_.nodes, "The nodes, out of service by route drain")->required();
    shift->add_option("--cluster", cluster_, "The cluster's name; not needed where there is one");
    shift->add_option("--steps", route_.steps, "Per cent of their share, ascending to 100 (5,25,50,100)")
        ->delimiter(',')
        ->allow_extra_args(false);
    AddDurationOption(*shift, "--hold", "How long each step is watched (10s)",
                      [this](absl::Duration hold) { route_.hold = hold; });
    shift->add_option("--budget-failures", route_.budget_failures, "Requests that may fail in all")
        ->capture_default_str();
    AddWhy(shift, true);
    OnChosen(shift, [this](Session& session) { return RunRouteShift(session, RouteOf()); });
  }

  CLI::App* AddRouteOfNode(CLI::App& route, const char* name, const char* what) {
    CLI::App* const command = Add(route, name, what);
    command->add_option("node", route_.node, "The node")->required();
    command->add_option("--cluster", cluster_, "The cluster's name; not needed where there is one");
    AddWhy(command, true);
    return command;
  }

  const RouteArguments& RouteOf() {
    route_.cluster = cluster_;
    route_.why = why_;
    return route_;
  }

  void AddArchive() {
    CLI::App* const archive = Add(app_, "archive", "The archives that the coordinator keeps for rollouts");
    archive->require_subcommand(1);
    CLI::App* const push = Add(*archive, "push", "Bring an archive into the coordinator's store");
    push->add_option("file", archive_.file, "The archive, such as app.war")->required();
    push->add_option("--name", archive_.name, "What it is, such as app")->required();
    push->add_option("--version", archive_.version, "Its version, such as 1.4.2; never used for another content")
        ->required();
    push->add_option("--why", archive_.why, "The reason, shown by archive list");
    OnChosen(push, [this](Session& session) { return RunArchivePush(session, archive_); });
    CLI::App* const list = Add(*archive, "list", "Show what there is");
    list->add_option("name", archive_.name, "Only archives of this name");
    OnChosen(list, [this](Session& session) { return RunArchiveList(session, archive_); });
    CLI::App* const remove = Add(*archive, "remove", "Remove one version; what an operation needs is refused");
    remove->add_option("name", archive_.name, "Its name")->required();
    remove->add_option("version", archive_.version, "Its version")->required();
    remove->add_option("--why", archive_.why, "The reason, for the coordinator's log");
    OnChosen(remove, [this](Session& session) { return RunArchiveRemove(session, archive_); });
  }

  void AddRollout() {
    CLI::App* const rollout = Add(app_, "rollout", "The same archive on every node, one node at a time");
    rollout->require_subcommand(1);
    CLI::App* const plan = Add(*rollout, "plan", "Show the whole order beforehand; changes nothing");
    AddRolloutStart(plan);
    OnChosen(plan, [this](Session& session) {
      rollout_.set_cluster(cluster_);
      return RunRolloutPlan(session, rollout_);
    });
    CLI::App* const start = Add(*rollout, "start", "Begin one, and watch it to its end");
    AddRolloutStart(start);
    AddWhy(start, false);
    start->add_flag("--detach", detach_, "Return at once");
    OnChosen(start, [this](Session& session) {
      rollout_.set_cluster(cluster_);
      rollout_.set_why(why_);
      return RunRolloutStart(session, rollout_, detach_);
    });
    CLI::App* const list = Add(*rollout, "list", "Show all rollouts");
    AddCluster(list);
    OnChosen(list, [this](Session& session) { return RunRolloutList(session, cluster_); });
    CLI::App* const history = Add(*rollout, "history", "Who changed what, when, why, and from what to what");
    AddCluster(history);
    OnChosen(history, [this](Session& session) { return RunRolloutHistory(session, cluster_); });
    CLI::App* const show = AddRolloutWithId(*rollout, "show", "Show where one is");
    show->add_flag("--seconds", with_seconds_, "With the traffic second by second");
    OnChosen(show, [this](Session& session) { return RunRolloutShow(session, cluster_, id_, with_seconds_); });
    junit_.push_back(show);
    CLI::App* const watch = AddRolloutWithId(*rollout, "watch", "Follow one to its end");
    OnChosen(watch, [this](Session& session) { return RunRolloutWatch(session, cluster_, id_); });
    CLI::App* const abort = AddRolloutWithId(*rollout, "abort", "Stop one; what has been changed stays so");
    AddWhy(abort, true);
    OnChosen(abort, [this](Session& session) { return RunRolloutAbort(session, cluster_, id_, why_); });
  }

  void AddRolloutStart(CLI::App* command) {
    command->add_option("cluster", cluster_, "The cluster's name; not needed where there is one");
    AddRolloutOptions(*command, &rollout_);
  }

  CLI::App* AddRolloutWithId(CLI::App& rollout, const char* name, const char* what) {
    CLI::App* const command = Add(rollout, name, what);
    command->add_option("id", id_, "The rollout's id; the newest one where it is not given");
    command->add_option("--cluster", cluster_, "The cluster's name; not needed where there is one");
    return command;
  }

  void AddBackup() {
    CLI::App* const backup = Add(app_, "backup", "Take a copy of the coordinator's journal while it runs");
    backup->add_option("file", file_, "Where to; must not be there yet")->required();
    OnChosen(backup, [this](Session& session) { return RunBackup(session, file_); });
    CLI::App* const restore = Add(
        app_, "restore-backup", "Put a backup in the journal's place; on the coordinator's host, while it is stopped");
    restore->add_option("file", file_, "What backup made")->required();
    restore->add_option("--state", state_, "The coordinator's folder; not needed where its settings name it");
    OnChosenLocally(restore, [this] { return RunRestoreBackup(console_, CoordinatorProgram(), file_, state_); });
  }

  void AddPki() {
    CLI::App* const pki = Add(app_, "pki", "The fleet's certificates; needs no coordinator");
    pki->require_subcommand(1);
    CLI::App* const init = Add(*pki, "init", "Make a fleet's authority");
    init->add_option("--dir", issue_.directory, "Where to make it")->required();
    init->add_option("--fleet", fleet_, "The fleet's name")->required();
    init->add_option("--days", authority_days_, "Validity")->capture_default_str();
    OnChosenLocally(init, [this] { return RunPkiInit(console_, issue_.directory, fleet_, authority_days_); });

    CLI::App* const issue = Add(*pki, "issue", "Issue a certificate");
    issue->add_option("--dir", issue_.directory, "The authority's directory")->required();
    issue->add_option("--role", issue_.role, "coordinator, agent, lb, operator or viewer")->required();
    issue->add_option("--name", issue_.name, "The node's, host's or person's name; a coordinator has none");
    issue->add_option("--cluster", issue_.cluster, "The agent's cluster");
    issue->add_option("--out", issue_.out, "Where to write ca.pem, cert.pem and key.pem")->required();
    issue->add_option("--days", issue_.days, "Validity")->capture_default_str();
    OnChosenLocally(issue, [this] { return RunPkiIssue(console_, settings_.output, issue_); });

    CLI::App* const show = Add(*pki, "show", "Show who a certificate is for");
    show->add_option("file", file_, "A certificate in PEM form")->required();
    OnChosenLocally(show, [this] { return RunPkiShow(console_, settings_.output, file_); });

    CLI::App* const deny = Add(*pki, "deny", "Put a certificate on the deny list");
    deny->add_option("--dir", issue_.directory, "The authority's directory")->required();
    deny->add_option("--serial", serial_, "As `pki show` prints it")->required();
    OnChosenLocally(deny, [this] { return RunPkiDeny(console_, issue_.directory, serial_); });
  }

  CLI::App app_{"jettyfleet looks after Jetty on Pacemaker clusters.", "jettyfleet"};
  Settings& settings_;
  const Console& console_;
  std::function<ExitCode()> run_;

  std::string cluster_;
  std::string id_;
  std::string why_;
  std::string file_;
  std::string state_;
  bool detach_ = false;
  bool with_seconds_ = false;
  bool all_scenarios_ = false;
  v1::DrillSpec spec_;
  ApplyArguments apply_;
  EventsArguments events_;
  CheckArguments check_;
  bool list_checks_ = false;
  std::string explained_;
  std::vector<const CLI::App*> junit_;  // the commands that can print it
  RouteArguments route_;
  ArchiveArguments archive_;
  v1::DrillSpec rollout_;
  std::string host_;
  IssueArguments issue_;
  std::string fleet_;
  int authority_days_ = kAuthorityDays;
  std::string serial_;
};

}  // namespace

int RunClient(const std::vector<std::string>& arguments, const Environment& environment, const Console& console) {
  absl::StatusOr<Settings> settings = DefaultSettings(environment.home, environment.coordinator);
  if (!settings.ok()) {
    PrintError(console, settings.status().message());
    return kExitUsage;
  }
  CommandLine line(&*settings, console);
  const int parsed = line.Parse(arguments);
  if (parsed != kExitYes) return parsed < 0 ? kExitYes : parsed;
  return line.Run();
}

}  // namespace jettyfleet
