#include "agent/observe/unit_bus.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/observe/unit_properties.h"
#include "common/log.h"

namespace jettyfleet {
namespace {

constexpr char kSystemd[] = "org.freedesktop.systemd1";
constexpr char kManagerPath[] = "/org/freedesktop/systemd1";
constexpr char kManager[] = "org.freedesktop.systemd1.Manager";
constexpr char kProperties[] = "org.freedesktop.DBus.Properties";
constexpr char kUnitPrefix[] = "/org/freedesktop/systemd1/unit";
constexpr absl::Duration kAnswerTimeout = absl::Seconds(5);
constexpr absl::Duration kFirstBackoff = absl::Milliseconds(200);
constexpr absl::Duration kLongestBackoff = absl::Seconds(30);

std::string UnitOfPath(const char* path) {
  char* name = nullptr;
  if (path == nullptr || sd_bus_path_decode(path, kUnitPrefix, &name) <= 0) return "";
  std::string unit = name;
  free(name);
  return unit;
}

absl::Status ErrorOf(sd_bus_message* answer) {
  const sd_bus_error* const error = sd_bus_message_get_error(answer);
  if (error == nullptr) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("systemd: ", error->message != nullptr ? error->message : error->name));
}

// The first string of each struct in the array.
int ReadNames(sd_bus_message* answer, bool unit_files, std::set<std::string>* names) {
  const char* const type = unit_files ? "ss" : "ssssssouso";
  int result = sd_bus_message_enter_container(answer, 'a', unit_files ? "(ss)" : "(ssssssouso)");
  while (result >= 0 && (result = sd_bus_message_enter_container(answer, 'r', type)) > 0) {
    const char* name = nullptr;
    result = sd_bus_message_read(answer, "s", &name);
    if (result < 0) break;
    // A unit file is listed by its path.
    const char* const slash = strrchr(name, '/');
    names->insert(slash != nullptr ? slash + 1 : name);
    result = sd_bus_message_skip(answer, type + 1);
    if (result >= 0) result = sd_bus_message_exit_container(answer);
  }
  return result;
}

}  // namespace

UnitBus::UnitBus(Loop& loop, Open open, Handlers handlers)
    : loop_(loop), open_(std::move(open)), handlers_(std::move(handlers)), backoff_(kFirstBackoff) {}

UnitBus::~UnitBus() { sd_bus_close_unref(bus_); }

void UnitBus::Start() { Connect(); }

void UnitBus::Connect() {
  reconnect_.reset();
  sd_bus* bus = nullptr;
  int result = open_(&bus);
  bus_ = bus;
  if (result >= 0) result = sd_bus_set_method_call_timeout(bus_, absl::ToInt64Microseconds(kAnswerTimeout));
  if (result >= 0) result = sd_bus_attach_event(bus_, loop_.event(), SD_EVENT_PRIORITY_NORMAL);
  if (result >= 0) result = AddMatches();
  if (result < 0) return Lose(absl::StrCat("no system bus: ", strerror(-result)));
  Subscribe();
  // Calls are answered in order: whatever is listed from here on is already subscribed to.
  if (bus_ != nullptr) handlers_.on_connected();
}

int UnitBus::AddMatches() {
  // Matched inside sd-bus itself, without asking the bus.
  int result = sd_bus_match_signal(bus_, nullptr, nullptr, "/org/freedesktop/DBus/Local", "org.freedesktop.DBus.Local",
                                   "Disconnected", &UnitBus::OnDisconnected, this);
  for (const char* const signal : {"UnitNew", "UnitRemoved", "Reloading", "UnitFilesChanged"}) {
    if (result < 0) return result;
    result = sd_bus_match_signal_async(bus_, nullptr, kSystemd, kManagerPath, kManager, signal,
                                       &UnitBus::OnManagerSignal, nullptr, this);
  }
  if (result < 0) return result;
  // For all units: D-Bus cannot match the beginning of a path's last element, and a match for each unit would leave a
  // gap between a unit's coming and its match. Units change seldom.
  return sd_bus_add_match_async(bus_, nullptr,
                                "type='signal',sender='org.freedesktop.systemd1',"
                                "interface='org.freedesktop.DBus.Properties',member='PropertiesChanged',"
                                "path_namespace='/org/freedesktop/systemd1/unit'",
                                &UnitBus::OnPropertiesChanged, nullptr, this);
}

void UnitBus::Subscribe() {
  subscribed_ = true;  // until systemd says otherwise
  sd_bus_message* call = nullptr;
  const int made = sd_bus_message_new_method_call(bus_, &call, kSystemd, kManagerPath, kManager, "Subscribe");
  Ask(made, call, [this](sd_bus_message* answer) {
    subscribed_ = ErrorOf(answer).ok() ||
                  sd_bus_message_is_method_error(answer, "org.freedesktop.systemd1.AlreadySubscribed") > 0;
  });
}

void UnitBus::ListNames(const std::string& pattern, std::function<void(absl::StatusOr<std::set<std::string>>)> done) {
  // systemd may have been away from the bus when it was asked.
  if (!subscribed_) Subscribe();
  struct Listing {
    int awaited = 2;
    absl::StatusOr<std::set<std::string>> names = std::set<std::string>();
    std::function<void(absl::StatusOr<std::set<std::string>>)> done;
  };
  const auto listing = std::make_shared<Listing>();
  listing->done = std::move(done);
  for (const bool unit_files : {false, true}) {
    sd_bus_message* call = nullptr;
    int made = sd_bus_message_new_method_call(bus_, &call, kSystemd, kManagerPath, kManager,
                                              unit_files ? "ListUnitFilesByPatterns" : "ListUnitsByPatterns");
    if (made >= 0) made = sd_bus_message_append(call, "asas", 0, 1, pattern.c_str());
    Ask(made, call, [this, listing, unit_files](sd_bus_message* answer) {
      absl::Status status = ErrorOf(answer);
      if (status.ok() && listing->names.ok() && ReadNames(answer, unit_files, &*listing->names) < 0) {
        status = absl::InternalError("systemd lists units in an unexpected form");
      }
      if (!status.ok()) listing->names = status;
      if (--listing->awaited > 0) return;
      if (listing->names.ok()) {
        if (complained_) LogInfo("systemd answers again");
        complained_ = false;
        backoff_ = kFirstBackoff;
      }
      listing->done(std::move(listing->names));
    });
  }
}

void UnitBus::ReadUnit(const std::string& unit, std::function<void(absl::StatusOr<v1::UnitFact>)> done) {
  char* path = nullptr;
  sd_bus_message* call = nullptr;
  int made = sd_bus_path_encode(kUnitPrefix, unit.c_str(), &path);
  if (made >= 0) made = sd_bus_message_new_method_call(bus_, &call, kSystemd, path, kProperties, "GetAll");
  free(path);
  // An empty interface asks for the properties of all: unit's and service's in one answer.
  if (made >= 0) made = sd_bus_message_append(call, "s", "");
  Ask(made, call, [unit, done = std::move(done)](sd_bus_message* answer) {
    if (absl::Status status = ErrorOf(answer); !status.ok()) return done(std::move(status));
    v1::UnitFact fact;
    fact.set_unit(unit);
    if (ReadUnitProperties(answer, &fact) < 0) {
      return done(absl::InternalError("systemd answered with properties of unexpected types"));
    }
    done(std::move(fact));
  });
}

void UnitBus::Ask(int made, sd_bus_message* call, OnAnswer on_answer) {
  if (made >= 0) return Send(call, std::move(on_answer));
  sd_bus_message_unref(call);
  LoseSoon(absl::StrCat("D-Bus: ", strerror(-made)));
}

void UnitBus::Send(sd_bus_message* call, OnAnswer on_answer) {
  sd_bus_slot* slot = nullptr;
  auto* const pending = new Call{this, std::move(on_answer)};
  const int sent = sd_bus_call_async(bus_, &slot, call, &UnitBus::OnAnswered, pending, 0);
  sd_bus_message_unref(call);
  if (sent < 0) {
    delete pending;
    return LoseSoon(absl::StrCat("D-Bus: ", strerror(-sent)));
  }
  // sd-bus owns the slot, and with it the call, until it is answered or the connection goes.
  sd_bus_slot_set_destroy_callback(slot, [](void* owned) { delete static_cast<Call*>(owned); });
  sd_bus_slot_set_floating(slot, 1);
  sd_bus_slot_unref(slot);
}

int UnitBus::OnAnswered(sd_bus_message* message, void* userdata, sd_bus_error*) {
  const Call* const call = static_cast<Call*>(userdata);
  // A connection that goes answers its calls with errors of its own; on_lost says it once for all.
  if (call->bus->lose_ == nullptr && sd_bus_is_open(call->bus->bus_) > 0) call->on_answer(message);
  return 0;
}

void UnitBus::LoseSoon(std::string why) {
  if (lose_ != nullptr) return;
  lose_ = loop_.After(absl::ZeroDuration(), [this, why = std::move(why)] { Lose(why); });
}

void UnitBus::Lose(const std::string& why) {
  lose_.reset();
  bus_ = sd_bus_close_unref(bus_);
  if (!complained_) {
    LogWarning(absl::StrCat("systemd cannot be asked, its units are unknown until it can: ", why));
    complained_ = true;
  }
  reconnect_ = loop_.After(
      backoff_, [this] { Connect(); }, backoff_ / 10);
  backoff_ = std::min(backoff_ * 2, kLongestBackoff);
  handlers_.on_lost(why);
}

int UnitBus::OnDisconnected(sd_bus_message*, void* bus, sd_bus_error*) {
  static_cast<UnitBus*>(bus)->LoseSoon("the system bus has gone");
  return 0;
}

int UnitBus::OnPropertiesChanged(sd_bus_message* message, void* userdata, sd_bus_error*) {
  const UnitBus* const self = static_cast<UnitBus*>(userdata);
  const std::string unit = UnitOfPath(sd_bus_message_get_path(message));
  const char* interface = nullptr;
  if (unit.empty() || sd_bus_message_read(message, "s", &interface) < 0) return 0;
  self->handlers_.on_properties(unit, [message](v1::UnitFact* fact) { return ReadUnitProperties(message, fact); });
  return 0;
}

int UnitBus::OnManagerSignal(sd_bus_message* message, void* userdata, sd_bus_error*) {
  const UnitBus* const self = static_cast<UnitBus*>(userdata);
  const std::string signal = sd_bus_message_get_member(message);
  if (signal != "UnitNew" && signal != "UnitRemoved") {
    self->handlers_.on_reloaded();
    return 0;
  }
  const char* unit = nullptr;
  if (sd_bus_message_read(message, "s", &unit) >= 0) self->handlers_.on_unit(signal, unit);
  return 0;
}

}  // namespace jettyfleet
