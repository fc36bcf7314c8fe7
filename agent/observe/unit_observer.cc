#include "agent/observe/unit_observer.h"

#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "agent/observe/unit_properties.h"
#include "common/log.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr char kSystemd[] = "org.freedesktop.systemd1";
constexpr char kManagerPath[] = "/org/freedesktop/systemd1";
constexpr char kManager[] = "org.freedesktop.systemd1.Manager";
constexpr char kUnitPrefix[] = "/org/freedesktop/systemd1/unit";
constexpr absl::Duration kReconnect = absl::Seconds(1);
constexpr absl::Duration kReconcile = absl::Seconds(60);
// A reload loads many units one after the other; one listing after it serves.
constexpr absl::Duration kRelistDelay = absl::Milliseconds(50);
constexpr int kJournalLines = 10;
constexpr std::size_t kMostUnits = 64;

std::string UnitOfPath(const char* path) {
  char* name = nullptr;
  if (path == nullptr || sd_bus_path_decode(path, kUnitPrefix, &name) <= 0) return "";
  std::string unit = name;
  free(name);
  return unit;
}

// Equal but for the time of observation and the journal's lines.
bool SameFact(v1::UnitFact a, v1::UnitFact b) {
  for (v1::UnitFact* const fact : {&a, &b}) {
    fact->clear_observed_at();
    fact->clear_journal_tail();
  }
  return a.SerializeAsString() == b.SerializeAsString();
}

}  // namespace

struct UnitObserver::Pass {
  // What an answer belongs to; sd-bus hands it back, and frees it with the call.
  struct Request {
    UnitObserver* observer;
    uint64_t pass;
    bool unit_files = false;
    std::string unit;
  };

  uint64_t id = 0;
  int listings = 0;              // still awaited
  std::set<std::string> names;
  std::set<std::string> reading;  // still awaited
  std::vector<std::function<void()>> done;
};

UnitObserver::UnitObserver(Loop& loop, ProcessRunner& processes, std::function<void(v1::HostChange)> on_change)
    : loop_(loop), processes_(processes), on_change_(std::move(on_change)) {}

UnitObserver::~UnitObserver() { sd_bus_close_unref(bus_); }

void UnitObserver::Start() { Connect(); }

const v1::UnitFact* UnitObserver::Find(const std::string& unit) const {
  const auto found = units_.find(unit);
  return found == units_.end() ? nullptr : &found->second;
}

void UnitObserver::SetWatched(std::set<std::string> units) {
  if (units == watched_) return;
  watched_ = std::move(units);
  BeginPass();
}

void UnitObserver::Connect() {
  reconnect_.reset();
  int result = sd_bus_open_system(&bus_);
  if (result >= 0) result = sd_bus_attach_event(bus_, loop_.event(), SD_EVENT_PRIORITY_NORMAL);
  if (result < 0) return Disconnected(absl::StrCat("no system bus: ", strerror(-result)));
  if (const absl::Status subscribed = Subscribe(); !subscribed.ok()) {
    return Disconnected(std::string(subscribed.message()));
  }
  // Subscribed and matched before listing: whatever happens from here on is either in the list or comes as a signal.
  BeginPass();
}

absl::Status UnitObserver::Subscribe() {
  int result = sd_bus_match_signal(bus_, nullptr, nullptr, "/org/freedesktop/DBus/Local", "org.freedesktop.DBus.Local",
                                   "Disconnected", &UnitObserver::OnDisconnected, this);
  if (result >= 0) {
    result = sd_bus_call_method_async(bus_, nullptr, kSystemd, kManagerPath, kManager, "Subscribe", nullptr, nullptr, "");
  }
  for (const char* const signal : {"UnitNew", "UnitRemoved", "Reloading", "UnitFilesChanged"}) {
    if (result >= 0) {
      result = sd_bus_match_signal_async(bus_, nullptr, kSystemd, kManagerPath, kManager, signal,
                                         &UnitObserver::OnUnitsChanged, nullptr, this);
    }
  }
  if (result >= 0) {
    // Only Jetty's units can be told apart by the path's beginning ("jetty" is not escaped); watched units of other
    // names are rare, and get the same match at the price of one for all units.
    result = sd_bus_add_match_async(bus_, nullptr,
                                    "type='signal',sender='org.freedesktop.systemd1',"
                                    "interface='org.freedesktop.DBus.Properties',member='PropertiesChanged',"
                                    "path_namespace='/org/freedesktop/systemd1/unit'",
                                    &UnitObserver::OnPropertiesChanged, nullptr, this);
  }
  if (result < 0) return absl::UnavailableError(absl::StrCat("D-Bus: ", strerror(-result)));
  return absl::OkStatus();
}

void UnitObserver::Disconnected(const std::string& why) {
  LogWarning(absl::StrCat("systemd cannot be asked: ", why, "; trying again"));
  sd_bus_close_unref(bus_);
  bus_ = nullptr;
  for (const auto& [name, known] : std::map<std::string, v1::UnitFact>(units_)) {
    v1::UnitFact unknown;
    unknown.set_unit(name);
    unknown.set_error(why);
    Publish(name, std::move(unknown), false);
  }
  if (pass_ != nullptr) EndPass();
  reconnect_ = loop_.After(kReconnect, [this] { Connect(); }, absl::Milliseconds(100));
}

void UnitObserver::Read(std::function<void()> done) {
  waiting_.push_back(std::move(done));
  BeginPass();
}

void UnitObserver::BeginPass() {
  if (pass_ != nullptr) {
    again_ = true;  // what asked now gets a pass that begins now or later
    return;
  }
  if (bus_ == nullptr) {
    // Nothing can be read: what is known, "unknown", is the answer.
    std::vector<std::function<void()>> waiting;
    waiting.swap(waiting_);
    for (const std::function<void()>& done : waiting) done();
    return;
  }
  again_ = false;
  pass_ = std::make_unique<Pass>();
  pass_->id = next_pass_++;
  pass_->names = watched_;
  pass_->done.swap(waiting_);
  pass_->listings = 2;
  for (const bool unit_files : {false, true}) {
    auto* const request = new Pass::Request{this, pass_->id, unit_files, ""};
    sd_bus_slot* slot = nullptr;
    const int result = sd_bus_call_method_async(
        bus_, &slot, kSystemd, kManagerPath, kManager, unit_files ? "ListUnitFilesByPatterns" : "ListUnitsByPatterns",
        &UnitObserver::OnNamesListed, request, "asas", 0, 1, "jetty*.service");
    if (result < 0) {
      delete request;
      return Disconnected(absl::StrCat("D-Bus: ", strerror(-result)));
    }
    sd_bus_slot_set_destroy_callback(slot, [](void* owned) { delete static_cast<Pass::Request*>(owned); });
    sd_bus_slot_set_floating(slot, 1);
    sd_bus_slot_unref(slot);
  }
}

int UnitObserver::OnNamesListed(sd_bus_message* message, void* userdata, sd_bus_error*) {
  const auto* const request = static_cast<Pass::Request*>(userdata);
  UnitObserver* const self = request->observer;
  if (self->pass_ != nullptr && self->pass_->id == request->pass) self->ListedNames(request->unit_files, message);
  return 0;
}

void UnitObserver::ListedNames(bool unit_files, sd_bus_message* answer) {
  if (sd_bus_message_is_method_error(answer, nullptr)) {
    LogWarning(absl::StrCat("systemd does not list its units: ", sd_bus_message_get_error(answer)->message));
  } else if (sd_bus_message_enter_container(answer, 'a', unit_files ? "(ss)" : "(ssssssouso)") >= 0) {
    const char* name = nullptr;
    const char* unused = nullptr;
    uint32_t job = 0;
    while ((unit_files ? sd_bus_message_read(answer, "(ss)", &name, &unused)
                       : sd_bus_message_read(answer, "(ssssssouso)", &name, &unused, &unused, &unused, &unused, &unused,
                                             &unused, &job, &unused, &unused)) > 0) {
      // A unit file is listed by its path.
      const std::string unit = strrchr(name, '/') != nullptr ? strrchr(name, '/') + 1 : name;
      if (IsJettyUnit(unit) && pass_->names.size() < kMostUnits) pass_->names.insert(unit);
    }
  }
  if (--pass_->listings > 0) return;
  pass_->reading = pass_->names;
  if (pass_->reading.empty()) return EndPass();
  for (const std::string& unit : pass_->names) ReadUnit(unit);
}

void UnitObserver::ReadUnit(const std::string& unit) {
  char* path = nullptr;
  if (sd_bus_path_encode(kUnitPrefix, unit.c_str(), &path) < 0) return;
  auto* const request = new Pass::Request{this, pass_->id, false, unit};
  sd_bus_slot* slot = nullptr;
  // An empty interface asks for the properties of all: unit's and service's in one answer.
  const int result = sd_bus_call_method_async(bus_, &slot, kSystemd, path, "org.freedesktop.DBus.Properties", "GetAll",
                                              &UnitObserver::OnUnitRead, request, "s", "");
  free(path);
  if (result < 0) {
    delete request;
    v1::UnitFact unknown;
    unknown.set_unit(unit);
    unknown.set_error(absl::StrCat("D-Bus: ", strerror(-result)));
    return TookUnit(unit, std::move(unknown));
  }
  sd_bus_slot_set_destroy_callback(slot, [](void* owned) { delete static_cast<Pass::Request*>(owned); });
  sd_bus_slot_set_floating(slot, 1);
  sd_bus_slot_unref(slot);
}

int UnitObserver::OnUnitRead(sd_bus_message* message, void* userdata, sd_bus_error*) {
  const auto* const request = static_cast<Pass::Request*>(userdata);
  UnitObserver* const self = request->observer;
  if (self->pass_ == nullptr || self->pass_->id != request->pass) return 0;
  v1::UnitFact fact;
  fact.set_unit(request->unit);
  if (sd_bus_message_is_method_error(message, nullptr)) {
    fact.set_error(sd_bus_message_get_error(message)->message);
  } else if (ReadUnitProperties(message, &fact) < 0) {
    fact.Clear();
    fact.set_unit(request->unit);
    fact.set_error("systemd answered with properties of unexpected types");
  }
  self->TookUnit(std::string(request->unit), std::move(fact));
  return 0;
}

void UnitObserver::TookUnit(const std::string& unit, v1::UnitFact fact) {
  Publish(unit, std::move(fact), !pass_->done.empty());
  pass_->reading.erase(unit);
  if (pass_->reading.empty()) EndPass();
}

void UnitObserver::EndPass() {
  const std::unique_ptr<Pass> ended = std::move(pass_);
  if (bus_ != nullptr) {
    v1::HostChange gone;
    for (auto unit = units_.begin(); unit != units_.end();) {
      if (ended->names.contains(unit->first)) {
        ++unit;
        continue;
      }
      gone.add_units_gone(unit->first);
      unit = units_.erase(unit);
    }
    if (gone.units_gone_size() > 0) on_change_(std::move(gone));
  }
  for (const std::function<void()>& done : ended->done) done();
  ScheduleReconcile();
  if (pass_ == nullptr && (again_ || !waiting_.empty())) BeginPass();
}

void UnitObserver::ScheduleReconcile() {
  reconcile_ = loop_.After(kReconcile, [this] { BeginPass(); }, absl::Seconds(1));
}

void UnitObserver::Publish(const std::string& unit, v1::UnitFact fact, bool even_if_same) {
  const auto known = units_.find(unit);
  const bool same = known != units_.end() && SameFact(known->second, fact);
  const bool newly_failed =
      fact.active_state() == "failed" && (known == units_.end() || known->second.active_state() != "failed");
  if (known != units_.end() && fact.active_state() == "failed") *fact.mutable_journal_tail() = known->second.journal_tail();
  *fact.mutable_observed_at() = ToProto(absl::Now());
  units_[unit] = fact;
  if (!same || even_if_same) {
    v1::HostChange change;
    *change.add_units() = std::move(fact);
    on_change_(std::move(change));
  }
  if (newly_failed) ReadJournal(unit);
}

void UnitObserver::ReadJournal(const std::string& unit) {
  processes_.Run({.argv = {"journalctl", "-u", unit, "-n", std::to_string(kJournalLines), "-o", "cat", "--no-pager"},
                  .timeout = absl::Seconds(5),
                  .output_limit_bytes = 64 << 10},
                 [this, unit](CommandResult result) {
                   const auto known = units_.find(unit);
                   if (known == units_.end() || known->second.active_state() != "failed") return;
                   known->second.clear_journal_tail();
                   if (!result.status.ok() || result.exit_code != 0) {
                     known->second.add_journal_tail("(its journal could not be read)");
                   }
                   for (const absl::string_view line : absl::StrSplit(result.out, '\n', absl::SkipEmpty())) {
                     // Text of the unit's own; protobuf strings are UTF-8 and one line is enough to recognise it by.
                     std::string printable(line.substr(0, 300));
                     for (char& c : printable) {
                       if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = '?';
                     }
                     known->second.add_journal_tail(printable);
                   }
                   v1::HostChange change;
                   *change.add_units() = known->second;
                   on_change_(std::move(change));
                 });
}

int UnitObserver::OnDisconnected(sd_bus_message*, void* observer, sd_bus_error*) {
  static_cast<UnitObserver*>(observer)->Disconnected("the system bus has gone");
  return 0;
}

int UnitObserver::OnPropertiesChanged(sd_bus_message* message, void* observer, sd_bus_error*) {
  UnitObserver* const self = static_cast<UnitObserver*>(observer);
  const std::string unit = UnitOfPath(sd_bus_message_get_path(message));
  const auto known = self->units_.find(unit);
  if (known == self->units_.end()) return 0;
  const char* interface = nullptr;
  v1::UnitFact fact = known->second;
  fact.clear_error();
  if (sd_bus_message_read(message, "s", &interface) < 0 || ReadUnitProperties(message, &fact) < 0) {
    self->BeginPass();
    return 0;
  }
  // A fact that was unknown is only as good as the few properties that came; the pass that is due reads the rest.
  if (fact.active_state().empty()) {
    self->BeginPass();
    return 0;
  }
  self->Publish(unit, std::move(fact), false);
  return 0;
}

int UnitObserver::OnUnitsChanged(sd_bus_message* message, void* observer, sd_bus_error*) {
  UnitObserver* const self = static_cast<UnitObserver*>(observer);
  const std::string signal = sd_bus_message_get_member(message);
  if (signal == "UnitNew" || signal == "UnitRemoved") {
    const char* name = nullptr;
    if (sd_bus_message_read(message, "s", &name) < 0) return 0;
    // A known unit that is loaded or unloaded because we read it is not news.
    const bool known = self->units_.contains(name);
    if (!(IsJettyUnit(name) || self->watched_.contains(name)) || (known && signal == "UnitNew")) return 0;
    if (known && self->units_.at(name).active_state() == "inactive") return 0;
  }
  if (self->relist_ == nullptr) {
    self->relist_ = self->loop_.After(kRelistDelay, [self] {
      self->relist_.reset();
      self->BeginPass();
    });
  }
  return 0;
}

}  // namespace jettyfleet
