#include "agent/observe/unit_observer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "agent/observe/unit_properties.h"
#include "common/log.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr char kJettyPattern[] = "jetty*.service";
constexpr absl::Duration kReconcile = absl::Seconds(60);
constexpr absl::Duration kReconcileAccuracy = absl::Seconds(5);
// A reload loads many units one after the other; one listing after it serves.
constexpr absl::Duration kRelistDelay = absl::Milliseconds(50);
// A dying process's last lines are still on their way to the journal when systemd reports its failure.
constexpr absl::Duration kJournalDelay = absl::Milliseconds(250);
constexpr int kJournalLines = 10;
constexpr std::size_t kJournalLineBytes = 300;
constexpr std::size_t kMostUnits = 64;

// Equal but for the time of observation and the journal's lines.
bool SameFact(v1::UnitFact a, v1::UnitFact b) {
  for (v1::UnitFact* const fact : {&a, &b}) {
    fact->clear_observed_at();
    fact->clear_journal_tail();
  }
  return a.SerializeAsString() == b.SerializeAsString();
}

}  // namespace

UnitObserver::UnitObserver(Loop& loop, ProcessRunner& processes, UnitBus::Open open_bus,
                           std::function<void(v1::HostChange)> on_change)
    : loop_(loop),
      processes_(processes),
      on_change_(std::move(on_change)),
      bus_(loop, std::move(open_bus),
           UnitBus::Handlers{
               .on_connected = [this] { BeginPass(); },
               .on_lost = [this](const std::string& why) { OnLost(why); },
               .on_properties = [this](const std::string& unit,
                                       const std::function<int(v1::UnitFact*)>& read) { OnProperties(unit, read); },
               .on_unit = [this](const std::string& signal, const std::string& unit) { OnUnit(signal, unit); },
               .on_reloaded = [this] { RelistSoon(); },
           }) {}

void UnitObserver::Start() { bus_.Start(); }

const v1::UnitFact* UnitObserver::Find(const std::string& unit) const {
  const auto found = units_.find(unit);
  return found == units_.end() ? nullptr : &found->second;
}

void UnitObserver::SetWatched(std::set<std::string> units) {
  if (units == watched_) return;
  watched_ = std::move(units);
  BeginPass();
}

void UnitObserver::Read(std::function<void()> done) {
  waiting_.push_back(std::move(done));
  BeginPass();
}

void UnitObserver::BeginPass() {
  if (pass_.has_value()) {
    again_ = true;  // what asked now gets a pass that begins now or later
    return;
  }
  again_ = false;
  std::vector<std::function<void()>> waiting;
  waiting.swap(waiting_);
  if (!bus_.connected()) {
    PublishUnknown(lost_because_, !waiting.empty());
    for (const std::function<void()>& done : waiting) done();
    return;
  }
  pass_.emplace();
  pass_->done = std::move(waiting);
  bus_.ListNames(kJettyPattern, [this](absl::StatusOr<std::set<std::string>> listed) { OnListed(std::move(listed)); });
}

void UnitObserver::OnListed(absl::StatusOr<std::set<std::string>> listed) {
  pass_->names = watched_;
  if (listed.ok()) {
    for (const std::string& unit : *listed) {
      if (IsJettyUnit(unit) && pass_->names.size() < kMostUnits) pass_->names.insert(unit);
    }
  } else {
    // Not listed is not gone.
    LogWarning(std::string(listed.status().message()));
    for (const auto& [unit, fact] : units_) pass_->names.insert(unit);
  }
  pass_->unread = pass_->names;
  if (pass_->unread.empty()) return EndPass();
  const std::set<std::string> names = pass_->names;
  for (const std::string& unit : names) {
    bus_.ReadUnit(unit, [this, unit](absl::StatusOr<v1::UnitFact> fact) {
      OnRead(unit, std::move(fact));
      pass_->unread.erase(unit);
      if (pass_->unread.empty()) EndPass();
    });
  }
}

void UnitObserver::OnRead(const std::string& unit, absl::StatusOr<v1::UnitFact> fact) {
  const bool asked = pass_.has_value() && !pass_->done.empty() && pass_->unread.contains(unit);
  if (fact.ok()) return Publish(*std::move(fact), asked);
  v1::UnitFact unknown;
  unknown.set_unit(unit);
  unknown.set_error(std::string(fact.status().message()));
  Publish(std::move(unknown), asked);
}

void UnitObserver::EndPass() {
  const Pass ended = *std::exchange(pass_, std::nullopt);
  v1::HostChange gone;
  for (auto unit = units_.begin(); unit != units_.end();) {
    if (ended.names.contains(unit->first)) {
      ++unit;
      continue;
    }
    gone.add_units_gone(unit->first);
    unit = units_.erase(unit);
  }
  if (gone.units_gone_size() > 0) on_change_(std::move(gone));
  for (const std::function<void()>& done : ended.done) done();
  reconcile_ = loop_.After(
      kReconcile, [this] { BeginPass(); }, kReconcileAccuracy);
  if (again_ || !waiting_.empty()) BeginPass();
}

void UnitObserver::Refresh(const std::string& unit) {
  if (const auto [refreshing, first] = refreshing_.emplace(unit, false); !first) {
    refreshing->second = true;
    return;
  }
  bus_.ReadUnit(unit, [this, unit](absl::StatusOr<v1::UnitFact> fact) {
    const bool once_more = refreshing_.extract(unit).mapped();
    if (!units_.contains(unit)) return;  // gone meanwhile
    OnRead(unit, std::move(fact));
    if (once_more) Refresh(unit);
  });
}

void UnitObserver::OnLost(const std::string& why) {
  lost_because_ = why;
  refreshing_.clear();
  std::optional<Pass> cut_short = std::exchange(pass_, std::nullopt);
  const bool asked = cut_short.has_value() && !cut_short->done.empty();
  PublishUnknown(why, asked);
  if (asked) {
    for (const std::function<void()>& done : cut_short->done) done();
  }
  // Whoever asked during the pass is answered now as well: it may be long until there is another.
  if (!waiting_.empty()) BeginPass();
}

void UnitObserver::PublishUnknown(const std::string& why, bool even_if_same) {
  std::set<std::string> names = watched_;
  for (const auto& [unit, fact] : units_) names.insert(unit);
  for (const std::string& unit : names) {
    v1::UnitFact unknown;
    unknown.set_unit(unit);
    unknown.set_error(why);
    Publish(std::move(unknown), even_if_same);
  }
}

void UnitObserver::Publish(v1::UnitFact fact, bool even_if_same) {
  const std::string unit = fact.unit();
  const auto known = units_.find(unit);
  const bool same = known != units_.end() && SameFact(known->second, fact);
  const bool failed = fact.active_state() == "failed";
  const bool failed_before = known != units_.end() && known->second.active_state() == "failed";
  fact.clear_journal_tail();
  // The lines explain a failure, for as long as it lasts.
  if (failed && failed_before) *fact.mutable_journal_tail() = known->second.journal_tail();
  *fact.mutable_observed_at() = ToProto(absl::Now());
  units_[unit] = fact;
  if (!same || even_if_same) {
    v1::HostChange change;
    *change.add_units() = std::move(fact);
    on_change_(std::move(change));
  }
  if (failed && !failed_before) {
    journal_waits_[unit] = loop_.After(
        kJournalDelay, [this, unit] { ReadJournal(unit); }, kJournalDelay / 10);
  }
}

void UnitObserver::ReadJournal(const std::string& unit) {
  journal_waits_.erase(unit);
  processes_.Run({.argv = {"journalctl", "-u", unit, "-n", absl::StrCat(kJournalLines), "-o", "cat", "--no-pager"},
                  .timeout = absl::Seconds(5),
                  .output_limit_bytes = 64 << 10},
                 [this, unit](CommandResult result) { TakeJournal(unit, result); });
}

void UnitObserver::TakeJournal(const std::string& unit, const CommandResult& result) {
  const auto known = units_.find(unit);
  if (known == units_.end() || known->second.active_state() != "failed") return;
  known->second.clear_journal_tail();
  if (!result.status.ok() || result.exit_code != 0) known->second.add_journal_tail("(its journal could not be read)");
  for (const absl::string_view line : absl::StrSplit(result.out, '\n', absl::SkipEmpty())) {
    // A message may hold line breaks of its own.
    if (known->second.journal_tail_size() == kJournalLines) known->second.mutable_journal_tail()->DeleteSubrange(0, 1);
    known->second.add_journal_tail(std::string(line.substr(0, kJournalLineBytes)));
  }
  v1::HostChange change;
  *change.add_units() = known->second;
  on_change_(std::move(change));
}

void UnitObserver::OnProperties(const std::string& unit, const std::function<int(v1::UnitFact*)>& read) {
  const auto known = units_.find(unit);
  if (known == units_.end()) return;
  const v1::UnitFact before = known->second;
  v1::UnitFact fact = before;
  // Of a unit that is unknown, the few properties of a signal are too little to say anything.
  if (read(&fact) < 0 || !before.error().empty()) return Refresh(unit);
  const bool moved = fact.active_state() != before.active_state() || fact.sub_state() != before.sub_state() ||
                     fact.main_pid() != before.main_pid();
  Publish(std::move(fact), false);
  if (moved) Refresh(unit);
}

void UnitObserver::OnUnit(const std::string& signal, const std::string& unit) {
  if (!IsJettyUnit(unit) && !watched_.contains(unit)) return;
  const v1::UnitFact* const known = Find(unit);
  // To read a unit that nothing uses makes systemd load it and drop it again: neither is news of an inactive unit.
  if (known != nullptr && (signal == "UnitNew" || known->active_state() == "inactive")) return;
  RelistSoon();
}

void UnitObserver::RelistSoon() {
  if (relist_ != nullptr) return;
  relist_ = loop_.After(kRelistDelay, [this] {
    relist_.reset();
    BeginPass();
  });
}

}  // namespace jettyfleet
