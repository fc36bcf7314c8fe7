#include "agent/act/undo.h"

#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/act/cib.h"
#include "agent/act/cib_lease.h"
#include "agent/act/fault/packet_filter.h"
#include "agent/act/fields.h"
#include "agent/act/host_undo.h"
#include "agent/act/inspect.h"
#include "agent/act/lease_store.h"
#include "agent/act/lease_timer.h"
#include "agent/act/sweep.h"
#include "agent/act/task.h"
#include "agent/act/tools.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(50);

std::unique_ptr<AdminSocket> MakeSocket(const OneShot& shot) {
  if (shot.options.haproxy_socket.empty()) return nullptr;
  return std::make_unique<AdminSocket>(shot.loop, shot.options.haproxy_socket);
}

// What one run has at hand.
struct Hands {
  explicit Hands(const OneShot& shot)
      : haproxy(MakeSocket(shot)),
        tools(shot.processes, haproxy.get(), shot.clock, shot.clock.MonotonicNow() + kTimeout),
        cib(tools),
        leases(shot.options.state_dir),
        inspector(InspectorOf(shot.options)),
        paths(shot.options.paths),
        out(shot.out) {}

  // Reads the records. False: some cannot be read, which was said; the others are there.
  bool ReadLeases() {
    const absl::Status read = leases.Reload();
    if (read.ok() || absl::IsNotFound(read)) return true;
    NotUndone(read.message());
    return false;
  }
  void Undone(absl::string_view what) { out << "undone: " << what << std::endl; }
  void NotUndone(absl::string_view what) { out << "not undone: " << what << std::endl; }
  void Say(absl::string_view line) { out << line << std::endl; }

  const std::unique_ptr<AdminSocket> haproxy;
  Tools tools;
  Cib cib;
  LeaseStore leases;
  const Inspector inspector;
  const HostPaths paths;
  std::ostream& out;
};

int RunToEnd(Loop& loop, Task<int> task) {
  task.Start();
  while (!task.done()) {
    if (sd_event_run(loop.event(), UINT64_MAX) < 0) return 1;
  }
  return task.TakeResult();
}

// True: nothing of it is ours (any more).
Task<bool> UndoOnHost(Hands& hands, v1::LeaseRecord record) {
  const v1::ActionResult result = co_await UndoHostLease(hands.tools, hands.leases, hands.paths, record);
  const std::string what = absl::StrCat(DescribeHostLease(record.lease()), " (lease ", record.lease().id(), ")");
  if (result.outcome() == v1::ActionResult::OUTCOME_DONE) {
    hands.Undone(absl::StrCat(what, " is as it was"));
    co_return true;
  }
  if (result.outcome() == v1::ActionResult::OUTCOME_REFUSED) {
    hands.Say(absl::StrCat("left alone: ", result.message()));
    co_return true;
  }
  hands.NotUndone(absl::StrCat(what, ": ", result.message()));
  co_return false;
}

Task<int> UndoLease(Hands& hands, std::string lease_id) {
  const bool all_read = hands.ReadLeases();
  const v1::LeaseRecord* const found = hands.leases.Find(lease_id);
  if (found != nullptr && !IsCibLease(found->lease())) {
    const bool undone = co_await UndoOnHost(hands, *found);
    co_return undone ? 0 : 1;
  }
  const bool recorded = found != nullptr;
  if (!recorded && !all_read) co_return 1;
  // A lease in the CIB may have been recorded on another node.
  const absl::StatusOr<CibDocument> cib = co_await hands.cib.Read();
  if (!recorded && (hands.cib.IsNoClusterNode(cib.status()) || (cib.ok() && !cib->FindOurs(lease_id).has_value()))) {
    hands.Say(absl::StrCat("nothing to undo: no lease ", lease_id, " is in force here"));
    co_return 0;
  }
  const v1::ActionResult result = co_await RemoveCibLease(hands.cib, hands.leases, lease_id);
  if (result.outcome() == v1::ActionResult::OUTCOME_DONE) {
    hands.Undone(absl::StrCat("lease ", lease_id));
    co_return 0;
  }
  hands.NotUndone(absl::StrCat("lease ", lease_id, ": ", result.message()));
  co_return 1;
}

// Tables of ours of which there is no record any more.
Task<bool> UndoTables(Hands& hands) {
  const absl::StatusOr<std::vector<std::string>> tables = co_await OurTables(hands.tools);
  if (absl::IsNotFound(tables.status())) co_return true;
  if (!tables.ok()) {
    hands.NotUndone(tables.status().message());
    co_return false;
  }
  bool whole = true;
  for (const std::string& table : *tables) {
    // Its own lease could not be undone, which was said.
    if (hands.leases.Find(table) != nullptr) continue;
    const absl::Status removed = co_await RemoveTable(hands.tools, table);
    whole = whole && removed.ok();
    if (removed.ok()) {
      hands.Undone(absl::StrCat("table inet ", table, " of the packet filter"));
    } else {
      hands.NotUndone(removed.message());
    }
  }
  co_return whole;
}

Task<bool> UndoHost(Hands& hands) {
  bool whole = true;
  const std::map<std::string, v1::LeaseRecord> records = hands.leases.leases();
  for (const auto& [id, record] : records) {
    if (IsCibLease(record.lease())) continue;
    const bool undone = co_await UndoOnHost(hands, record);
    whole = whole && undone;
  }
  const bool tables = co_await UndoTables(hands);
  whole = whole && tables;
  // What could not be undone keeps its timer.
  if (whole) {
    const absl::Status stopped = co_await DisarmAllTimers(hands.tools);
    if (!stopped.ok())
      hands.Say(absl::StrCat("timers of ours may be left (they find nothing to undo): ", stopped.message()));
  }
  co_return whole;
}

bool HasCibRecord(const LeaseStore& leases) {
  for (const auto& [id, record] : leases.leases()) {
    if (IsCibLease(record.lease())) return true;
  }
  return false;
}

// What of `before` is no longer in the CIB is told as undone, and its record goes.
bool TellAndForget(Hands& hands, const std::vector<v1::CibEntryFact>& before, const CibDocument& cib) {
  bool whole = true;
  for (const v1::CibEntryFact& entry : before) {
    if (!cib.FindOurs(entry.id()).has_value()) {
      hands.Undone(Describe(entry));
    } else {
      whole = false;
      hands.NotUndone(absl::StrCat(Describe(entry), ": it is still in the CIB; see docs/runbook.md"));
    }
  }
  const std::map<std::string, v1::LeaseRecord> records = hands.leases.leases();
  for (const auto& [id, record] : records) {
    if (!IsCibLease(record.lease()) || cib.FindOurs(id).has_value()) continue;
    if (const absl::Status removed = hands.leases.Remove(id); !removed.ok()) {
      hands.NotUndone(removed.message());
      whole = false;
    }
  }
  return whole;
}

Task<bool> UndoCib(Hands& hands) {
  absl::StatusOr<CibDocument> cib = co_await hands.cib.Read();
  if (hands.cib.IsNoClusterNode(cib.status()) && !HasCibRecord(hands.leases)) co_return true;
  if (!cib.ok()) {
    hands.NotUndone(cib.status().message());
    co_return false;
  }
  const absl::Status quorum = co_await hands.cib.CheckQuorum();
  if (!quorum.ok()) {
    hands.NotUndone(quorum.message());
    co_return false;
  }
  std::vector<v1::CibEntryFact> ours = cib->Ours();
  for (v1::CibEntryFact entry : ours) {
    entry.clear_ends_at();  // whatever its end is meanwhile
    const std::string xpath = XpathOf(entry);
    if (!xpath.empty()) co_await hands.cib.Delete(xpath);
  }
  cib = co_await hands.cib.Read();
  if (!cib.ok()) {
    hands.NotUndone(cib.status().message());
    co_return false;
  }
  co_return TellAndForget(hands, ours, *cib);
}

Task<int> UndoEverything(Hands& hands) {
  const bool all_read = hands.ReadLeases();
  const bool host = co_await UndoHost(hands);
  const bool cib = co_await UndoCib(hands);
  if (!all_read || !host || !cib) co_return 1;
  hands.Say("nothing of ours is in force on this host any more");
  co_return 0;
}

Task<int> SweepAtBoot(Hands& hands) {
  const bool all_read = hands.ReadLeases();
  const SweepReport host = co_await SweepHost(hands.tools, hands.leases, hands.paths, absl::ZeroDuration());
  for (const std::string& line : host.undone) hands.Undone(line);
  if (!host.status.ok()) hands.NotUndone(host.status.message());
  const SweepReport cib = co_await SweepCib(hands.cib, hands.leases, absl::ZeroDuration());
  for (const std::string& line : cib.undone) hands.Undone(line);
  if (!cib.status.ok()) hands.Say(absl::StrCat("left for the agent: ", cib.status.message()));
  const SweepReport markers = co_await SweepMarkers(hands.tools, hands.inspector);
  for (const std::string& line : markers.undone) hands.Undone(line);
  if (!markers.status.ok()) hands.Say(absl::StrCat("left for the agent: ", markers.status.message()));
  co_return all_read&& host.status.ok() ? 0 : 1;
}

}  // namespace

int OneShot::UndoOne(const std::string& lease_id) {
  if (!IsLeaseId(lease_id)) {
    out << "'" << lease_id << "' is no lease id: they are jettyfleet- and 1 to 80 of a-z, 0-9 and '-'" << std::endl;
    return 2;
  }
  Hands hands(*this);
  return RunToEnd(loop, UndoLease(hands, lease_id));
}

int OneShot::UndoAll() {
  Hands hands(*this);
  return RunToEnd(loop, UndoEverything(hands));
}

int OneShot::Sweep() {
  Hands hands(*this);
  return RunToEnd(loop, SweepAtBoot(hands));
}

int UndoOne(Loop& loop, ProcessRunner& processes, const ActorOptions& options, const std::string& lease_id) {
  return OneShot{loop, processes, SystemClock(), options, std::cout}.UndoOne(lease_id);
}

int UndoAll(Loop& loop, ProcessRunner& processes, const ActorOptions& options) {
  return OneShot{loop, processes, SystemClock(), options, std::cout}.UndoAll();
}

int Sweep(Loop& loop, ProcessRunner& processes, const ActorOptions& options) {
  return OneShot{loop, processes, SystemClock(), options, std::cout}.Sweep();
}

}  // namespace jettyfleet
