#include "agent/inspect/jetty/store_reach.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/inspect/jetty/store_conversation.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kMaxAddresses = 16;

// Closes on destruction.
struct Socket {
  int fd = -1;
  Socket() = default;
  Socket(Socket&& other) noexcept : fd(std::exchange(other.fd, -1)) {}
  ~Socket() {
    if (fd >= 0) close(fd);
  }
};

v1::StoreFact Failed(v1::StoreFact fact, absl::string_view why) {
  fact.set_reachable(v1::ANSWER_NO);
  fact.set_error(std::string(why));
  return fact;
}

// A name server may take its time: this runs on the store's own thread, which is given up at the deadline.
std::vector<sockaddr_storage> Resolve(const StoreAddress& address, std::string* error) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int result = getaddrinfo(address.host.c_str(), absl::StrCat(address.port).c_str(), &hints, &found);
  if (result != 0) {
    *error =
        absl::StrCat("its name is not known here: ", result == EAI_SYSTEM ? strerror(errno) : gai_strerror(result));
    return {};
  }
  std::vector<sockaddr_storage> addresses;
  for (const addrinfo* one = found; one != nullptr && addresses.size() < kMaxAddresses; one = one->ai_next) {
    sockaddr_storage storage = {};
    memcpy(&storage, one->ai_addr, std::min<std::size_t>(one->ai_addrlen, sizeof storage));
    addresses.push_back(storage);
  }
  freeaddrinfo(found);
  return addresses;
}

// Begins to connect. Negative: failed, with the reason in errno.
int Begin(const sockaddr_storage& to, bool hold_back) {
  const int fd = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (hold_back) {
    // The last step of the handshake waits, and the reset comes instead of it: the server's program never hears of it.
    const int off = 0;
    const linger reset = {1, 0};
    setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof off);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  }
  const socklen_t size = to.ss_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&to), size) == 0 || errno == EINPROGRESS) return fd;
  const int error = errno;
  close(fd);
  errno = error;
  return -1;
}

// All at once; the first that is connected. `*error` is the last failure's where none is.
Socket ConnectAny(const std::vector<sockaddr_storage>& addresses, bool hold_back, absl::Time until,
                  std::string* error) {
  std::vector<Socket> sockets(addresses.size());
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    sockets[i].fd = Begin(addresses[i], hold_back);
    if (sockets[i].fd < 0) *error = strerror(errno);
  }
  for (;;) {
    std::vector<pollfd> waits;
    for (const Socket& socket : sockets) {
      if (socket.fd >= 0) waits.push_back({socket.fd, POLLOUT, 0});
    }
    if (waits.empty()) return Socket();
    const int64_t left = absl::ToInt64Milliseconds(until - absl::Now());
    const int ready = left < 0 ? 0 : poll(waits.data(), waits.size(), static_cast<int>(left + 1));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) {
      *error = "does not answer";
      return Socket();
    }
    for (const pollfd& wait : waits) {
      if (wait.revents == 0) continue;
      const auto socket =
          std::find_if(sockets.begin(), sockets.end(), [&](const Socket& s) { return s.fd == wait.fd; });
      int failure = 0;
      socklen_t size = sizeof failure;
      getsockopt(wait.fd, SOL_SOCKET, SO_ERROR, &failure, &size);
      if (failure == 0) return std::move(*socket);
      *error = strerror(failure);
      close(std::exchange(socket->fd, -1));
    }
  }
}

v1::StoreFact AskServer(const StoreAddress& address, v1::StoreFact fact, absl::Time until) {
  std::string error;
  const std::vector<sockaddr_storage> addresses = Resolve(address, &error);
  if (!error.empty()) return Failed(std::move(fact), error);
  const bool talks = address.tls || address.kind == "redis";
  const absl::Time start = absl::Now();
  const Socket socket = ConnectAny(addresses, !talks, until, &error);
  if (socket.fd < 0) return Failed(std::move(fact), error);
  if (talks) error = TalkToStore(socket.fd, address, until);
  if (!error.empty()) return Failed(std::move(fact), error);
  fact.set_reachable(v1::ANSWER_YES);
  fact.set_latency_us(static_cast<uint32_t>(absl::ToInt64Microseconds(absl::Now() - start)));
  return fact;
}

v1::StoreFact AskDirectory(const StoreAddress& address, v1::StoreFact fact) {
  const absl::Time start = absl::Now();
  const int fd = open(address.directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return Failed(std::move(fact), strerror(errno));
  close(fd);
  fact.set_reachable(v1::ANSWER_YES);
  fact.set_latency_us(static_cast<uint32_t>(absl::ToInt64Microseconds(absl::Now() - start)));
  return fact;
}

// What the threads answer into. It outlives whoever waits, for the sake of threads that come too late.
struct Answers {
  std::mutex mutex;
  std::condition_variable arrived;
  std::vector<v1::StoreFact> facts;
  std::size_t missing = 0;
};

// On a thread of its own that nobody waits for. False: the system has none left.
bool Start(std::function<void()> run) {
  try {
    std::thread([run = std::move(run)] {
      // A store that hangs up while it is written to must not end the program.
      sigset_t signals;
      sigemptyset(&signals);
      sigaddset(&signals, SIGPIPE);
      pthread_sigmask(SIG_BLOCK, &signals, nullptr);
      run();
    }).detach();
  } catch (const std::system_error&) {
    return false;
  }
  return true;
}

}  // namespace

std::vector<v1::StoreFact> ReachStores(const std::vector<StoreAddress>& addresses, absl::Duration deadline) {
  const auto answers = std::make_shared<Answers>();
  // A little earlier than all is given up, so that a connection that does not come says so itself.
  const absl::Time until = absl::Now() + deadline * 0.95;
  for (const StoreAddress& address : addresses) {
    v1::StoreFact fact;
    fact.set_address(StoreAddressText(address));
    fact.set_kind(address.kind);
    fact.set_error(address.error);
    answers->facts.push_back(fact);
  }
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const StoreAddress& address = addresses[i];
    if (!address.error.empty() || answers->facts[i].address().empty()) continue;
    const v1::StoreFact fact = answers->facts[i];
    {
      const std::lock_guard<std::mutex> lock(answers->mutex);
      ++answers->missing;
      answers->facts[i].set_reachable(v1::ANSWER_NO);
      answers->facts[i].set_error("does not answer");
    }
    if (Start([answers, address, fact, until, i] {
          v1::StoreFact answer =
              address.directory.empty() ? AskServer(address, fact, until) : AskDirectory(address, fact);
          const std::lock_guard<std::mutex> lock(answers->mutex);
          answers->facts[i] = std::move(answer);
          --answers->missing;
          answers->arrived.notify_all();
        })) {
      continue;
    }
    const std::lock_guard<std::mutex> lock(answers->mutex);
    --answers->missing;
    answers->facts[i].set_reachable(v1::ANSWER_UNSPECIFIED);
    answers->facts[i].set_error("no thread could be started to ask it");
  }
  std::unique_lock<std::mutex> lock(answers->mutex);
  answers->arrived.wait_for(lock, absl::ToChronoMilliseconds(deadline), [&] { return answers->missing == 0; });
  return answers->facts;
}

}  // namespace jettyfleet
