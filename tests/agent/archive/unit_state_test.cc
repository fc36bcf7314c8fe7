#include "agent/archive/unit_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <map>
#include <string>
#include <thread>

namespace jettyfleet {
namespace {

using testing::HasSubstr;

// systemd at the other end of a socket pair: real D-Bus messages, without a broker.
class Systemd {
 public:
  // By "OBJECT PROPERTY"; what is not there is answered with an error.
  explicit Systemd(std::map<std::string, std::string> properties) : properties_(std::move(properties)) {
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends_) < 0) std::abort();
    thread_ = std::thread([this] { Serve(); });
  }
  ~Systemd() { thread_.join(); }  // the client has closed its end

  int Open(sd_bus** client) {
    int done = sd_bus_new(client);
    if (done >= 0) done = sd_bus_set_fd(*client, ends_[0], ends_[0]);
    if (done >= 0) done = sd_bus_start(*client);
    return done;
  }

 private:
  void Serve() {
    sd_bus* bus = nullptr;
    sd_id128_t id = {};
    sd_bus_new(&bus);
    sd_bus_set_fd(bus, ends_[1], ends_[1]);
    sd_bus_set_server(bus, 1, id);
    sd_bus_set_anonymous(bus, 1);
    sd_bus_add_filter(bus, nullptr, &Systemd::OnMessage, this);
    sd_bus_start(bus);
    for (;;) {
      const int processed = sd_bus_process(bus, nullptr);
      if (processed < 0) break;
      if (processed == 0 && sd_bus_wait(bus, UINT64_MAX) < 0) break;
    }
    sd_bus_unref(bus);
  }

  static int OnMessage(sd_bus_message* call, void* systemd, sd_bus_error*) {
    Systemd& self = *static_cast<Systemd*>(systemd);
    const char* interface = nullptr;
    const char* name = nullptr;
    if (sd_bus_message_is_method_call(call, "org.freedesktop.DBus.Properties", "Get") <= 0) return 0;
    sd_bus_message_read(call, "ss", &interface, &name);
    const auto found = self.properties_.find(std::string(sd_bus_message_get_path(call)) + " " + name);
    if (found == self.properties_.end() || std::string(interface) != "org.freedesktop.systemd1.Unit") {
      return sd_bus_reply_method_errno(call, ENOENT, nullptr) < 0 ? -EIO : 1;
    }
    return sd_bus_reply_method_return(call, "v", "s", found->second.c_str()) < 0 ? -EIO : 1;
  }

  const std::map<std::string, std::string> properties_;
  int ends_[2];
  std::thread thread_;
};

absl::StatusOr<std::string> Ask(Systemd& systemd, const std::string& unit) {
  return ReadUnitState(unit, [&systemd](sd_bus** client) { return systemd.Open(client); });
}

constexpr char kJetty[] = "/org/freedesktop/systemd1/unit/jetty9_2eservice";

TEST(UnitStateTest, SaysWhatSystemdSays) {
  for (const char* state : {"active", "inactive", "failed", "deactivating"}) {
    Systemd systemd({{std::string(kJetty) + " LoadState", "loaded"}, {std::string(kJetty) + " ActiveState", state}});
    const auto found = Ask(systemd, "jetty9");
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_EQ(*found, state);
  }
}

TEST(UnitStateTest, AUnitThatIsNotThereIsNotInactive) {
  Systemd systemd(
      {{std::string(kJetty) + " LoadState", "not-found"}, {std::string(kJetty) + " ActiveState", "inactive"}});
  const auto found = Ask(systemd, "jetty9");
  EXPECT_EQ(found.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(found.status().message(), "systemd has no unit jetty9.service");
}

TEST(UnitStateTest, AnErrorIsNoState) {
  Systemd systemd({{std::string(kJetty) + " LoadState", "loaded"}});
  EXPECT_EQ(Ask(systemd, "jetty9").status().code(), absl::StatusCode::kUnavailable);
}

TEST(UnitStateTest, NoBusIsNoState) {
  const auto found = ReadUnitState("jetty9", [](sd_bus**) { return -ECONNREFUSED; });
  EXPECT_EQ(found.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(found.status().message()), HasSubstr("cannot ask systemd: Connection refused"));
}

}  // namespace
}  // namespace jettyfleet
