#include "tests/testing/agent/fake_systemd.h"

#include <sys/socket.h>

#include <cstdlib>

namespace jettyfleet {
namespace {

constexpr char kManagerPath[] = "/org/freedesktop/systemd1";
constexpr char kManager[] = "org.freedesktop.systemd1.Manager";
constexpr char kUnitPrefix[] = "/org/freedesktop/systemd1/unit";
constexpr char kProperties[] = "org.freedesktop.DBus.Properties";

void Check(int result) {
  if (result < 0) std::abort();
}

std::string PathOf(const std::string& unit) {
  char* path = nullptr;
  Check(sd_bus_path_encode(kUnitPrefix, unit.c_str(), &path));
  std::string copy = path;
  free(path);
  return copy;
}

void AppendText(sd_bus_message* message, const char* name, const std::string& value) {
  Check(sd_bus_message_append(message, "{sv}", name, "s", value.c_str()));
}

void AppendService(sd_bus_message* message, const FakeSystemd::Unit& unit) {
  AppendText(message, "Type", "simple");
  Check(sd_bus_message_append(message, "{sv}", "MainPID", "u", unit.main_pid));
  AppendText(message, "Result", unit.result);
  Check(sd_bus_message_append(message, "{sv}", "NRestarts", "u", unit.restarts));
}

void AppendUnit(sd_bus_message* message, const FakeSystemd::Unit& unit) {
  AppendText(message, "ActiveState", unit.active_state);
  AppendText(message, "SubState", unit.sub_state);
  Check(sd_bus_message_append(message, "{sv}", "ActiveEnterTimestamp", "t", unit.active_enter_usec));
  Check(sd_bus_message_append(message, "{sv}", "Job", "(uo)", 0, "/"));
}

}  // namespace

FakeSystemd::FakeSystemd(Loop& loop) : loop_(loop) {}

FakeSystemd::~FakeSystemd() { Disconnect(); }

int FakeSystemd::Open(sd_bus** client) {
  if (refuses_to_open != 0) return -refuses_to_open;
  Disconnect();
  int pair[2];
  Check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair));
  sd_id128_t id;
  Check(sd_id128_randomize(&id));
  Check(sd_bus_new(&bus_));
  Check(sd_bus_set_fd(bus_, pair[0], pair[0]));
  Check(sd_bus_set_server(bus_, 1, id));
  Check(sd_bus_add_filter(bus_, nullptr, &FakeSystemd::OnMessage, this));
  Check(sd_bus_start(bus_));
  Check(sd_bus_attach_event(bus_, loop_.event(), SD_EVENT_PRIORITY_NORMAL));
  Check(sd_bus_new(client));
  Check(sd_bus_set_fd(*client, pair[1], pair[1]));
  return sd_bus_start(*client);
}

void FakeSystemd::Disconnect() { bus_ = sd_bus_close_unref(bus_); }

void FakeSystemd::Send(sd_bus_message* message) {
  // A broker would say who sends.
  Check(sd_bus_message_set_sender(message, ":1.0"));
  Check(sd_bus_send(bus_, message, nullptr));
  sd_bus_message_unref(message);
}

void FakeSystemd::SendPropertiesChanged(const std::string& unit) {
  for (const bool service : {true, false}) {
    sd_bus_message* signal = nullptr;
    Check(sd_bus_message_new_signal(bus_, &signal, PathOf(unit).c_str(), kProperties, "PropertiesChanged"));
    Check(sd_bus_message_append(signal, "s",
                                service ? "org.freedesktop.systemd1.Service" : "org.freedesktop.systemd1.Unit"));
    Check(sd_bus_message_open_container(signal, 'a', "{sv}"));
    service ? AppendService(signal, units.at(unit)) : AppendUnit(signal, units.at(unit));
    Check(sd_bus_message_close_container(signal));
    Check(sd_bus_message_append(signal, "as", 0));
    Send(signal);
  }
}

void FakeSystemd::SendMalformedProperties(const std::string& unit) {
  sd_bus_message* signal = nullptr;
  Check(sd_bus_message_new_signal(bus_, &signal, PathOf(unit).c_str(), kProperties, "PropertiesChanged"));
  Check(sd_bus_message_append(signal, "sa{sv}as", "org.freedesktop.systemd1.Unit", 1, "ActiveState", "u", 7, 0));
  Send(signal);
}

void FakeSystemd::SendUnitSignal(const std::string& name, const std::string& unit) {
  sd_bus_message* signal = nullptr;
  Check(sd_bus_message_new_signal(bus_, &signal, kManagerPath, kManager, name.c_str()));
  Check(sd_bus_message_append(signal, "so", unit.c_str(), PathOf(unit).c_str()));
  Send(signal);
}

void FakeSystemd::SendReloading(bool active) {
  sd_bus_message* signal = nullptr;
  Check(sd_bus_message_new_signal(bus_, &signal, kManagerPath, kManager, "Reloading"));
  Check(sd_bus_message_append(signal, "b", active));
  Send(signal);
}

int FakeSystemd::OnMessage(sd_bus_message* message, void* systemd, sd_bus_error*) {
  if (sd_bus_message_is_method_call(message, nullptr, nullptr) <= 0) return 0;
  return static_cast<FakeSystemd*>(systemd)->Answer(message);
}

int FakeSystemd::Answer(sd_bus_message* call) {
  const std::string member = sd_bus_message_get_member(call);
  if (member == "GetAll") return AnswerProperties(call);
  calls.push_back(member);
  if (!answers) return 1;
  const bool lists = member == "ListUnitsByPatterns" || member == "ListUnitFilesByPatterns";
  sd_bus_message* reply = nullptr;
  if (lists && refuses_to_list) {
    const sd_bus_error error = SD_BUS_ERROR_MAKE_CONST("org.freedesktop.DBus.Error.LimitsExceeded", "too busy");
    Check(sd_bus_message_new_method_error(call, &reply, &error));
  } else {
    Check(sd_bus_message_new_method_return(call, &reply));
    if (lists) Check(AppendListing(reply, member == "ListUnitFilesByPatterns"));
  }
  Send(reply);
  return 1;
}

int FakeSystemd::AppendListing(sd_bus_message* reply, bool files) {
  Check(sd_bus_message_open_container(reply, 'a', files ? "(ss)" : "(ssssssouso)"));
  if (files) {
    for (const std::string& path : unit_files) Check(sd_bus_message_append(reply, "(ss)", path.c_str(), "disabled"));
  } else {
    for (const auto& [name, unit] : units) {
      if (!unit.loaded) continue;
      Check(sd_bus_message_append(reply, "(ssssssouso)", name.c_str(), "Jetty", "loaded", unit.active_state.c_str(),
                                  unit.sub_state.c_str(), "", PathOf(name).c_str(), 0, "", "/"));
    }
  }
  return sd_bus_message_close_container(reply);
}

int FakeSystemd::AnswerProperties(sd_bus_message* call) {
  char* decoded = nullptr;
  Check(sd_bus_path_decode(sd_bus_message_get_path(call), kUnitPrefix, &decoded));
  const std::string name = decoded;
  free(decoded);
  calls.push_back("GetAll " + name);
  if (!answers) return 1;
  sd_bus_message* reply = nullptr;
  const auto unit = units.find(name);
  if (unit == units.end()) {
    const sd_bus_error error = SD_BUS_ERROR_MAKE_CONST("org.freedesktop.systemd1.NoSuchUnit", "no such unit");
    Check(sd_bus_message_new_method_error(call, &reply, &error));
    Send(reply);
    return 1;
  }
  Check(sd_bus_message_new_method_return(call, &reply));
  Check(sd_bus_message_open_container(reply, 'a', "{sv}"));
  AppendUnit(reply, unit->second);
  AppendService(reply, unit->second);
  AppendText(reply, "LoadState", "loaded");
  AppendText(reply, "UnitFileState", "disabled");
  AppendText(reply, "FragmentPath", "/lib/systemd/system/" + name);
  AppendText(reply, "ControlGroup", unit->second.control_group);
  Check(sd_bus_message_open_container(reply, 'e', "sv"));
  Check(sd_bus_message_append(reply, "s", "DropInPaths"));
  Check(sd_bus_message_open_container(reply, 'v', "as"));
  Check(sd_bus_message_open_container(reply, 'a', "s"));
  for (const std::string& path : unit->second.drop_ins) Check(sd_bus_message_append(reply, "s", path.c_str()));
  for (int i = 0; i < 3; ++i) Check(sd_bus_message_close_container(reply));
  Check(sd_bus_message_close_container(reply));
  Send(reply);
  return 1;
}

}  // namespace jettyfleet
