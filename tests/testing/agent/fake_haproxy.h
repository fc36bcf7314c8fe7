// A HAProxy's admin socket on the test's own loop, as HAProxy 2.6 answers: one command a connection, then it closes.
#ifndef JETTYFLEET_TESTS_TESTING_AGENT_FAKE_HAPROXY_H_
#define JETTYFLEET_TESTS_TESTING_AGENT_FAKE_HAPROXY_H_

#include <systemd/sd-event.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "agent/loop.h"

namespace jettyfleet {

// Backend "be_jetty" with servers node-01, node-02 and node-03, all ready.
class FakeHaproxy {
 public:
  FakeHaproxy(Loop& loop, std::string path);
  ~FakeHaproxy();
  FakeHaproxy(const FakeHaproxy&) = delete;
  FakeHaproxy& operator=(const FakeHaproxy&) = delete;

  // What a stopped HAProxy does: its socket is there no more.
  void Down();
  void Up();

  // srv_admin_state of each server of be_jetty: 0 ready, 8 drain, 1 maint.
  std::map<std::string, int> servers = {{"node-01", 0}, {"node-02", 0}, {"node-03", 0}};
  // Run-time and configured weight, and the address, of each that does not have 10, 10 and 10.9.0.1 port 8080.
  struct Setting {
    unsigned weight = 10;
    unsigned configured_weight = 10;
    std::string address = "10.9.0.1";
    unsigned port = 8080;
  };
  std::map<std::string, Setting> settings;
  bool ignores_set = false;
  std::vector<std::string> commands;

 private:
  static int OnConnection(sd_event_source* source, int fd, uint32_t events, void* haproxy);
  static int OnCommand(sd_event_source* source, int fd, uint32_t events, void* haproxy);
  std::string Answer(const std::string& command);

  Loop& loop_;
  const std::string path_;
  int fd_ = -1;
  sd_event_source* source_ = nullptr;
  std::map<int, sd_event_source*> clients_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_TESTING_AGENT_FAKE_HAPROXY_H_
