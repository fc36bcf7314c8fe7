#include "agent/process_runner.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <list>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/spawn.h"
#include "common/log.h"

namespace jettyfleet {
namespace {

// SIGKILL is not instant, and a process that hangs in the kernel does not die at all: `done` waits no longer than this.
constexpr absl::Duration kKillGrace = absl::Seconds(1);

const char* const kPath[] = {"/usr/sbin", "/usr/bin", "/sbin", "/bin"};

// posix_spawnp would search this process's PATH instead of the child's.
std::string FindProgram(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  for (const char* directory : kPath) {
    std::string path = absl::StrCat(directory, "/", name);
    if (access(path.c_str(), X_OK) == 0) return path;
  }
  return "";
}

class Runner;

// One command from its start until it is reaped. Owned by the Runner.
class Child {
 public:
  Child(Runner& owner, Loop& loop, Command command, std::function<void(CommandResult)> done)
      : owner_(owner), loop_(loop), command_(std::move(command)), done_(std::move(done)) {}
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void Begin();

 private:
  // An empty message: it runs.
  std::string Start();
  static int OnExitEvent(sd_event_source*, int, uint32_t, void* child) {
    static_cast<Child*>(child)->OnExit();
    return 0;
  }
  void OnDeadline();
  void OnExit();
  void Report(absl::Status status);
  absl::Status Overflow() const;

  Runner& owner_;
  Loop& loop_;
  const Command command_;
  std::function<void(CommandResult)> done_;  // empty once it was called
  CommandResult result_;
  pid_t pid_ = -1;  // until reaped
  Descriptor pidfd_;
  sd_event_source* exit_source_ = nullptr;
  ChildOutput out_;
  ChildOutput err_;
  bool killed_ = false;
  std::unique_ptr<Timer> timer_;
};

class Runner final : public ProcessRunner {
 public:
  explicit Runner(Loop& loop) : loop_(loop) {}

  void Run(Command command, std::function<void(CommandResult)> done) override {
    children_.push_back(std::make_unique<Child>(*this, loop_, std::move(command), std::move(done)));
    children_.back()->Begin();
  }

  // Deletes `child`.
  void Remove(Child* child) {
    children_.remove_if([child](const std::unique_ptr<Child>& held) { return held.get() == child; });
  }

 private:
  Loop& loop_;
  std::list<std::unique_ptr<Child>> children_;
};

Child::~Child() {
  sd_event_source_disable_unref(exit_source_);
  if (pid_ < 0) return;
  kill(-pid_, SIGKILL);
  // Reap it, but do not hang on a process that hangs in the kernel.
  pollfd waiting = {.fd = pidfd_.get(), .events = POLLIN, .revents = 0};
  if (pidfd_.get() < 0 || poll(&waiting, 1, static_cast<int>(absl::ToInt64Milliseconds(kKillGrace))) > 0) {
    waitpid(pid_, nullptr, 0);
  }
}

void Child::Begin() {
  const std::string problem = Start();
  if (problem.empty()) {
    timer_ = loop_.After(command_.timeout, [this] { OnDeadline(); });
    return;
  }
  const std::string name = command_.argv.empty() ? "(no program)" : command_.argv[0];
  result_.status = absl::UnavailableError(absl::StrCat("cannot run ", name, ": ", problem));
  timer_ = loop_.After(absl::ZeroDuration(), [this] {
    const auto done = std::move(done_);
    CommandResult result = std::move(result_);
    owner_.Remove(this);
    done(std::move(result));
  });
}

std::string Child::Start() {
  if (command_.argv.empty()) return "its argv is empty";
  const std::string program = FindProgram(command_.argv[0]);
  if (program.empty()) return "no such program in /usr/sbin, /usr/bin, /sbin, /bin; is its package installed?";
  Descriptor out_end;
  Descriptor err_end;
  int error = out_.Open(loop_.event(), command_.output_limit_bytes, &out_end);
  if (error == 0) error = err_.Open(loop_.event(), command_.output_limit_bytes, &err_end);
  if (error == 0) error = SpawnInOwnGroup(program, command_.argv, out_end.get(), err_end.get(), &pid_);
  if (error != 0) {
    pid_ = -1;
    return std::strerror(error);
  }
  // Not yet reaped, so the id is still this child's.
  // Not pidfd_open(2): glibc 2.36 declares it without C linkage.
  pidfd_.Reset(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  if (pidfd_.get() < 0) return absl::StrCat("pidfd_open: ", std::strerror(errno));
  error = -sd_event_add_io(loop_.event(), &exit_source_, pidfd_.get(), EPOLLIN, &Child::OnExitEvent, this);
  if (error > 0) return absl::StrCat("sd_event_add_io: ", std::strerror(error));
  return "";
}

void Child::OnDeadline() {
  killed_ = true;
  kill(-pid_, SIGKILL);
  timer_ = loop_.After(kKillGrace, [this] {
    LogWarning(
        absl::StrCat(command_.argv[0], " (process ", pid_, ") does not die of SIGKILL; no longer waiting for it"));
    Report(absl::DeadlineExceededError(absl::StrCat(command_.argv[0], " did not end within ",
                                                    absl::FormatDuration(command_.timeout), " and cannot be killed")));
  });
}

void Child::OnExit() {
  // Before it is reaped: while the zombie holds the id, the group's id cannot be another's.
  kill(-pid_, SIGKILL);
  siginfo_t info = {};
  if (waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, WEXITED) < 0) {
    LogError(absl::StrCat("waitid: ", std::strerror(errno)));
  }
  pid_ = -1;
  result_.exit_code = info.si_code == CLD_EXITED ? info.si_status : -1;
  result_.signal = info.si_code == CLD_EXITED ? 0 : info.si_status;
  std::unique_ptr<Timer> timer = std::move(timer_);
  if (done_ != nullptr) {
    Report(killed_
               ? absl::DeadlineExceededError(absl::StrCat(command_.argv[0], " did not end within ",
                                                          absl::FormatDuration(command_.timeout), " and was killed"))
               : absl::OkStatus());
    return;
  }
  owner_.Remove(this);
}

void Child::Report(absl::Status status) {
  out_.Drain();
  err_.Drain();
  if (status.ok()) status = Overflow();
  result_.status = std::move(status);
  result_.out = out_.TakeText();
  result_.err = err_.TakeText();
  const auto done = std::move(done_);
  done_ = nullptr;
  CommandResult result = std::move(result_);
  if (pid_ < 0) owner_.Remove(this);
  done(std::move(result));
}

absl::Status Child::Overflow() const {
  if (!out_.overflowed() && !err_.overflowed()) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat(command_.argv[0], " printed more than ", command_.output_limit_bytes, " bytes"));
}

}  // namespace

std::unique_ptr<ProcessRunner> CreateProcessRunner(Loop& loop) { return std::make_unique<Runner>(loop); }

}  // namespace jettyfleet
