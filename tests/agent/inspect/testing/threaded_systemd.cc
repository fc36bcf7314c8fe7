#include "tests/agent/inspect/testing/threaded_systemd.h"

#include <sys/socket.h>

#include <cstdint>
#include <cstdlib>
#include <utility>

namespace jettyfleet {
namespace {

constexpr char kUnitPrefix[] = "/org/freedesktop/systemd1/unit";

void Check(int result) {
  if (result < 0) std::abort();
}

// The path itself where it is no unit's.
std::string ObjectOf(sd_bus_message* call) {
  const std::string path = sd_bus_message_get_path(call);
  char* decoded = nullptr;
  if (sd_bus_path_decode(path.c_str(), kUnitPrefix, &decoded) <= 0) return path;
  std::string unit = decoded;
  free(decoded);
  return unit;
}

}  // namespace

ThreadedSystemd::ThreadedSystemd(Answer answer) : answer_(std::move(answer)) {}

ThreadedSystemd::~ThreadedSystemd() {
  for (std::thread& thread : threads_) thread.join();
}

OpenBus ThreadedSystemd::Opener() {
  return [this](sd_bus** client) { return Open(client); };
}

std::vector<std::string> ThreadedSystemd::Calls() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return calls_;
}

int ThreadedSystemd::Open(sd_bus** client) {
  int pair[2];
  Check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair));
  sd_id128_t id;
  Check(sd_id128_randomize(&id));
  sd_bus* bus = nullptr;
  Check(sd_bus_new(&bus));
  Check(sd_bus_set_fd(bus, pair[0], pair[0]));
  Check(sd_bus_set_server(bus, 1, id));
  Check(sd_bus_add_filter(bus, nullptr, &ThreadedSystemd::OnMessage, this));
  Check(sd_bus_start(bus));
  const std::lock_guard<std::mutex> lock(mutex_);
  threads_.emplace_back([this, bus] { Serve(bus); });
  Check(sd_bus_new(client));
  Check(sd_bus_set_fd(*client, pair[1], pair[1]));
  return sd_bus_start(*client);
}

void ThreadedSystemd::Serve(sd_bus* bus) {
  int result = 0;
  while (result >= 0) {
    result = sd_bus_process(bus, nullptr);
    if (result == 0) result = sd_bus_wait(bus, UINT64_MAX);
  }
  sd_bus_close_unref(bus);
}

int ThreadedSystemd::OnMessage(sd_bus_message* message, void* systemd, sd_bus_error*) {
  if (sd_bus_message_is_method_call(message, nullptr, nullptr) <= 0) return 0;
  ThreadedSystemd* const self = static_cast<ThreadedSystemd*>(systemd);
  const std::string object = ObjectOf(message);
  {
    const std::lock_guard<std::mutex> lock(self->mutex_);
    self->calls_.push_back(std::string(sd_bus_message_get_member(message)) + " " + object);
  }
  sd_bus_message* reply = nullptr;
  Check(sd_bus_message_new_method_return(message, &reply));
  if (self->answer_(object, message, reply) < 0) {
    sd_bus_message_unref(reply);
    const sd_bus_error error = SD_BUS_ERROR_MAKE_CONST("org.freedesktop.systemd1.NoSuchUnit", "no such thing");
    Check(sd_bus_message_new_method_error(message, &reply, &error));
  }
  Check(sd_bus_message_set_sender(reply, ":1.0"));
  Check(sd_bus_send(sd_bus_message_get_bus(message), reply, nullptr));
  sd_bus_message_unref(reply);
  return 1;
}

}  // namespace jettyfleet
