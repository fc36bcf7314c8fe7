#include "client/command/check_command.h"

#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/interrupt.h"
#include "client/json.h"
#include "client/render/check_junit.h"
#include "client/render/check_view.h"
#include "client/render/finding_words.h"
#include "proto/check_service.grpc.pb.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kUsual = absl::Seconds(10);
// The coordinator's own limits are shorter; one check may wait for the end of another.
constexpr absl::Duration kOfCheck = absl::Minutes(2);
constexpr absl::Duration kOfRehash = absl::Minutes(12);

using Stub = std::unique_ptr<v1::CheckService::Stub>;

grpc::Status Ask(Session& session, const Stub& stub, const CheckArguments& arguments, InterruptWatch* interrupts,
                 v1::CheckReport* report) {
  v1::CheckRequest request;
  request.set_cluster(arguments.cluster);
  request.set_rehash(arguments.rehash);
  request.set_diff(arguments.diff);
  const auto context = session.Context(arguments.rehash ? kOfRehash : kOfCheck);
  if (interrupts != nullptr) interrupts->OnInterrupt([&context] { context->TryCancel(); });
  report->Clear();
  const grpc::Status status = stub->Check(context.get(), request, report);
  if (interrupts != nullptr) interrupts->OnInterrupt(nullptr);
  return status;
}

// Leaves what `only` names. False, with a line on stderr: there is nothing of that name.
bool Narrow(const Console& console, const std::string& only, v1::CheckReport* report) {
  if (only.empty()) return true;
  Findings kept;
  std::set<std::string> areas;
  for (v1::Finding& finding : *report->mutable_findings()) {
    areas.insert(AreaOf(finding.id()));
    if (finding.id() == only || AreaOf(finding.id()) == only) kept.Add(std::move(finding));
  }
  if (kept.empty()) {
    PrintError(console, absl::StrCat("--only ", only, ": no check of that name or area; areas are ",
                                     absl::StrJoin(areas, ", "), ", checks those of jettyfleet check --list"));
    return false;
  }
  report->mutable_findings()->Swap(&kept);
  report->set_passed(PassedOf(report->findings()));
  return true;
}

void Print(Session& session, const CheckArguments& arguments, const v1::CheckReport& report) {
  const Console& console = session.console();
  if (session.output() == Output::kJunit) {
    console.out << RenderCheckJunit(report) << std::flush;
  } else if (session.json()) {
    console.out << (arguments.watch ? ToJsonLine(report) : ToJson(report)) << std::flush;
  } else {
    console.out << RenderCheck(report, arguments.all, console.colour) << std::flush;
  }
}

bool MayComeBack(const grpc::Status& status) {
  return status.error_code() == grpc::UNAVAILABLE || status.error_code() == grpc::DEADLINE_EXCEEDED ||
         status.error_code() == grpc::RESOURCE_EXHAUSTED;
}

ExitCode Watch(Session& session, const Stub& stub, const CheckArguments& arguments) {
  InterruptWatch interrupts;
  std::optional<v1::CheckReport> last;
  bool told = false;
  const auto leave = [&last] { return last.has_value() ? ExitCodeOf(last->passed()) : kExitNo; };
  for (;;) {
    v1::CheckReport report;
    const grpc::Status status = Ask(session, stub, arguments, &interrupts, &report);
    if (interrupts.interrupted()) return leave();
    if (!status.ok()) {
      if (!last.has_value() || !MayComeBack(status)) return session.Fail(status);
      if (!told) PrintError(session.console(), "the coordinator does not answer; trying again until it does");
      told = true;
      if (interrupts.Sleep(arguments.retry_after)) return leave();
      continue;
    }
    told = false;
    if (!Narrow(session.console(), arguments.only, &report)) return kExitUsage;
    if (!last.has_value()) {
      Print(session, arguments, report);
    } else if (const std::string changes = RenderCheckChanges(*last, report, session.console().colour);
               !changes.empty()) {
      session.console().out << (session.json() ? ToJsonLine(report) : changes) << std::flush;
    }
    last = std::move(report);
    if (interrupts.Sleep(arguments.interval)) return leave();
  }
}

grpc::Status List(Session& session, v1::ListChecksResponse* checks) {
  const Stub stub = v1::CheckService::NewStub(session.channel());
  const auto context = session.Context(kUsual);
  return stub->ListChecks(context.get(), {}, checks);
}

}  // namespace

ExitCode RunCheck(Session& session, const CheckArguments& arguments) {
  const Stub stub = v1::CheckService::NewStub(session.channel());
  if (arguments.watch) return Watch(session, stub, arguments);
  v1::CheckReport report;
  const grpc::Status status = Ask(session, stub, arguments, nullptr, &report);
  if (!status.ok()) return session.Fail(status);
  if (!Narrow(session.console(), arguments.only, &report)) return kExitUsage;
  Print(session, arguments, report);
  return ExitCodeOf(report.passed());
}

ExitCode RunCheckList(Session& session) {
  v1::ListChecksResponse checks;
  const grpc::Status status = List(session, &checks);
  if (!status.ok()) return session.Fail(status);
  const Console& console = session.console();
  console.out << (session.json() ? ToJson(checks) : RenderCheckList(checks, console.colour)) << std::flush;
  return kExitYes;
}

ExitCode RunCheckExplain(Session& session, const std::string& id) {
  v1::ListChecksResponse checks;
  const grpc::Status status = List(session, &checks);
  if (!status.ok()) return session.Fail(status);
  for (const v1::CheckText& check : checks.checks()) {
    if (check.id() != id) continue;
    session.console().out << (session.json() ? ToJson(check) : RenderCheckText(check)) << std::flush;
    return kExitYes;
  }
  PrintError(session.console(), absl::StrCat("no check is called ", id, "; jettyfleet check --list shows all"));
  return kExitUsage;
}

}  // namespace jettyfleet
