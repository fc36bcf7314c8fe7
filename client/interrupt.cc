#include "client/interrupt.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <utility>

namespace jettyfleet {
namespace {

constexpr char kSignalled = 's';
constexpr char kEnd = 'e';

// Where the signal handler writes; handlers have nothing else to go by.
std::atomic<int> wake_fd{-1};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler reads it");

void OnSignal(int) {
  const int saved = errno;
  const ssize_t written = write(wake_fd.load(), &kSignalled, 1);
  static_cast<void>(written);  // a full pipe holds a signal already
  errno = saved;
}

void Handle(void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  for (const int signal : {SIGINT, SIGTERM}) sigaction(signal, &action, nullptr);
}

}  // namespace

InterruptWatch::InterruptWatch() {
  if (pipe2(wake_, O_CLOEXEC) < 0) std::abort();  // out of descriptors before anything has begun
  fcntl(wake_[1], F_SETFL, O_NONBLOCK);
  wake_fd = wake_[1];
  thread_ = std::thread([this] { Run(); });
  Handle(&OnSignal);
}

InterruptWatch::~InterruptWatch() {
  Handle(SIG_DFL);
  const ssize_t written = write(wake_[1], &kEnd, 1);
  if (written != 1) std::abort();  // the reader lives until this arrives, so the pipe cannot stay full
  thread_.join();
  wake_fd = -1;
  close(wake_[0]);
  close(wake_[1]);
}

void InterruptWatch::OnInterrupt(std::function<void()> call) {
  const MutexLock lock(mutex_);
  call_ = std::move(call);
  if (interrupted_ && call_) call_();
}

bool InterruptWatch::interrupted() const {
  const MutexLock lock(mutex_);
  return interrupted_;
}

bool InterruptWatch::Sleep(absl::Duration duration) {
  MutexLock lock(mutex_);
  const auto end = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(duration);
  while (!interrupted_ && changed_.wait_until(lock, end) != std::cv_status::timeout) {
  }
  return interrupted_;
}

void InterruptWatch::Run() {
  char what = 0;
  for (;;) {
    const ssize_t got = read(wake_[0], &what, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got != 1 || what == kEnd) return;
    const MutexLock lock(mutex_);
    interrupted_ = true;
    if (call_) call_();
    changed_.notify_all();
  }
}

}  // namespace jettyfleet
