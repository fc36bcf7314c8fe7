// systemd's side of the system bus, on the test's own loop: real D-Bus messages over a socket pair, without a broker.
#ifndef JETTYFLEET_TESTS_TESTING_AGENT_FAKE_SYSTEMD_H_
#define JETTYFLEET_TESTS_TESTING_AGENT_FAKE_SYSTEMD_H_

#include <systemd/sd-bus.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "agent/loop.h"

namespace jettyfleet {

class FakeSystemd {
 public:
  struct Unit {
    std::string active_state = "inactive";
    std::string sub_state = "dead";
    std::string result = "success";
    std::string control_group;
    uint32_t main_pid = 0;
    uint32_t restarts = 0;
    uint64_t active_enter_usec = 0;
    std::vector<std::string> drop_ins;
    bool loaded = true;  // listed among loaded units
  };

  explicit FakeSystemd(Loop& loop);
  ~FakeSystemd();
  FakeSystemd(const FakeSystemd&) = delete;
  FakeSystemd& operator=(const FakeSystemd&) = delete;

  // As sd_bus_open_system. An earlier connection is forgotten.
  int Open(sd_bus** client);
  void Disconnect();

  // What systemd 252 sends when a service's state changes: the service's properties, then the unit's. Control group,
  // drop-ins and unit file state are in neither.
  void SendPropertiesChanged(const std::string& unit);
  void SendMalformedProperties(const std::string& unit);
  void SendUnitSignal(const std::string& signal, const std::string& unit);
  void SendReloading(bool active);

  std::map<std::string, Unit> units;
  std::vector<std::string> unit_files;  // paths
  int refuses_to_open = 0;              // an errno
  bool refuses_to_list = false;
  bool answers = true;             // calls are left without any answer
  std::vector<std::string> calls;  // members, GetAll with its unit

 private:
  static int OnMessage(sd_bus_message* message, void* systemd, sd_bus_error* error);
  int Answer(sd_bus_message* call);
  int AnswerProperties(sd_bus_message* call);
  int AppendListing(sd_bus_message* reply, bool unit_files);
  void Send(sd_bus_message* message);

  Loop& loop_;
  sd_bus* bus_ = nullptr;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_TESTING_AGENT_FAKE_SYSTEMD_H_
