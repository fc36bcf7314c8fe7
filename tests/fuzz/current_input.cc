#include "tests/fuzz/current_input.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

// There only where AddressSanitizer is linked in, which then reports crashes itself.
extern "C" __attribute__((weak)) void __asan_init();

// Asked for by sanitizers where they are linked in: their reports end in a signal, so that the input is named.
extern "C" const char* __asan_default_options() { return "abort_on_error=1"; }
extern "C" const char* __ubsan_default_options() { return "abort_on_error=1:print_stacktrace=1"; }

namespace jettyfleet {
namespace {

// Written before a run and read by a handler in the same thread.
const std::string* g_name = nullptr;
const std::string* g_input = nullptr;
char g_output_path[4096];
char g_handler_stack[64 << 10];

void Write(int fd, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t written = write(fd, data, size);
    if (written <= 0) return;
    data += written;
    size -= static_cast<std::size_t>(written);
  }
}

void Say(const char* text) { Write(STDERR_FILENO, text, std::strlen(text)); }

// Only what a signal handler may call.
void Report() {
  if (g_name == nullptr) return;
  Say("fuzz: it was ");
  Write(STDERR_FILENO, g_name->data(), g_name->size());
  Say("\n");
  if (g_output_path[0] == '\0') return;
  const int fd = open(g_output_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return;
  Write(fd, g_input->data(), g_input->size());
  close(fd);
  Say("fuzz: it is in ");
  Say(g_output_path);
  Say("\n");
}

void OnSignal(int number) {
  if (number == SIGVTALRM) Say("fuzz: one input takes too long\n");
  Report();
  // Its handler is the default one again.
  raise(number);
}

}  // namespace

void WatchForFailure() {
  if (const char* const directory = std::getenv("TEST_UNDECLARED_OUTPUTS_DIR"); directory != nullptr) {
    const std::string path = std::string(directory) + "/failing-input";
    if (path.size() < sizeof g_output_path) std::memcpy(g_output_path, path.c_str(), path.size() + 1);
  }
  // A stack of its own, for a parser that has used up the other.
  stack_t stack = {};
  stack.ss_sp = g_handler_stack;
  stack.ss_size = sizeof g_handler_stack;
  sigaltstack(&stack, nullptr);
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_ONSTACK | SA_NODEFER);
  sigaction(SIGABRT, &action, nullptr);
  sigaction(SIGVTALRM, &action, nullptr);
  if (__asan_init != nullptr) return;
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) sigaction(number, &action, nullptr);
}

void SetCurrentInput(const std::string& name, const std::string& input) {
  g_name = &name;
  g_input = &input;
  const itimerval limit = {.it_interval = {}, .it_value = {.tv_sec = kLongestRunSeconds, .tv_usec = 0}};
  setitimer(ITIMER_VIRTUAL, &limit, nullptr);
}

}  // namespace jettyfleet
