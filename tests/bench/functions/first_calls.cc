// Preloaded into a program: notes which of its functions are called, each once, at the price of one trap for each.
//
// FIRST_CALLS_OFFSETS names a file of the functions' offsets in the program's file, hexadecimal, one a line, and
// FIRST_CALLS_FOUND the file for those that were called. The first SIGUSR2 puts a breakpoint at the start of each
// function (what ran before, a program's start, is not noted), the second one writes what was found. Needs no debugger
// and stops nobody: the thread that meets a breakpoint takes it out itself. x86-64 only.
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

constexpr uint8_t kBreakpoint = 0xcc;

struct Function {
  uintptr_t address;
  uint8_t original;
  std::atomic<bool> called;

  Function(uintptr_t where, uint8_t byte) : address(where), original(byte), called(false) {}
  Function(Function&& other) noexcept : address(other.address), original(other.original), called(false) {}
};

std::vector<Function> functions;  // ascending; not changed in size once the program's main has begun
uintptr_t program_base = 0;
int found_file = -1;
bool armed = false;

void Write(const Function& function, uint8_t byte) {
  std::atomic_ref<uint8_t>(*reinterpret_cast<uint8_t*>(function.address)).store(byte);
}

void OnTrap(int, siginfo_t*, void* context) {
  greg_t& instruction = static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP];
  const uintptr_t address = static_cast<uintptr_t>(instruction) - 1;
  const auto found = std::lower_bound(functions.begin(), functions.end(), address,
                                      [](const Function& function, uintptr_t at) { return function.address < at; });
  if (found == functions.end() || found->address != address) abort();
  found->called = true;
  Write(*found, found->original);
  instruction = static_cast<greg_t>(address);
}

// Only what may be done in a signal handler.
void OnCommand(int) {
  if (!armed) {
    armed = true;
    const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
    const uintptr_t begin = functions.front().address / page * page;
    const uintptr_t end = functions.back().address / page * page + page;
    if (mprotect(reinterpret_cast<void*>(begin), end - begin, PROT_READ | PROT_WRITE | PROT_EXEC) != 0) abort();
    for (const Function& function : functions) Write(function, kBreakpoint);
    return;
  }
  for (const Function& function : functions) {
    if (!function.called) continue;
    char line[20];
    int at = sizeof line;
    line[--at] = '\n';
    for (uintptr_t rest = function.address - program_base; rest != 0; rest /= 16) {
      line[--at] = "0123456789abcdef"[rest % 16];
    }
    if (write(found_file, line + at, sizeof line - at) < 0) abort();
  }
  close(found_file);
}

__attribute__((constructor)) void Prepare() {
  const char* const offsets = getenv("FIRST_CALLS_OFFSETS");
  const char* const found = getenv("FIRST_CALLS_FOUND");
  if (offsets == nullptr || found == nullptr) return;
  dl_iterate_phdr(
      [](dl_phdr_info* program, std::size_t, void*) {
        program_base = program->dlpi_addr;
        return 1;  // the program itself comes first
      },
      nullptr);
  std::FILE* const in = std::fopen(offsets, "r");
  unsigned long offset = 0;
  while (in != nullptr && std::fscanf(in, "%lx", &offset) == 1) {
    const uintptr_t address = program_base + offset;
    functions.emplace_back(address, *reinterpret_cast<const uint8_t*>(address));
  }
  if (in != nullptr) std::fclose(in);
  found_file = open(found, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  // What the program starts is not looked at.
  unsetenv("LD_PRELOAD");
  unsetenv("FIRST_CALLS_OFFSETS");
  if (functions.empty() || found_file < 0) abort();
  struct sigaction trap = {};
  trap.sa_sigaction = &OnTrap;
  trap.sa_flags = SA_SIGINFO | SA_RESTART;
  sigaction(SIGTRAP, &trap, nullptr);
  struct sigaction command = {};
  command.sa_handler = &OnCommand;
  command.sa_flags = SA_RESTART;
  sigaction(SIGUSR2, &command, nullptr);
}

}  // namespace

// The agent drops unused pages of its own code; breakpoints in them would go with them.
extern "C" int madvise(void*, std::size_t, int) noexcept { return 0; }
