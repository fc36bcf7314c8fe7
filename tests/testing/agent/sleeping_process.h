// A real process that does nothing, to be stopped, continued and killed.
#ifndef JETTYFLEET_TESTS_TESTING_AGENT_SLEEPING_PROCESS_H_
#define JETTYFLEET_TESTS_TESTING_AGENT_SLEEPING_PROCESS_H_

#include <signal.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

namespace jettyfleet {

class SleepingProcess {
 public:
  SleepingProcess() : pid_(fork()) {
    if (pid_ < 0) std::abort();
    if (pid_ > 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // Sockets of the test are not its own.
    close_range(3, ~0U, 0);
    for (;;) pause();
  }
  ~SleepingProcess() {
    if (ended_) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  SleepingProcess(const SleepingProcess&) = delete;
  SleepingProcess& operator=(const SleepingProcess&) = delete;

  pid_t pid() const { return pid_; }

  // Each waits for the next thing that happens to it, and says whether it was that.
  bool AwaitStopped() { return Await(WUNTRACED) && WIFSTOPPED(status_); }
  bool AwaitContinued() { return Await(WCONTINUED) && WIFCONTINUED(status_); }
  bool AwaitKilled() {
    ended_ = Await(0) && WIFSIGNALED(status_);
    return ended_ && WTERMSIG(status_) == SIGKILL;
  }
  // Nothing has happened to it since.
  bool IsLeftAlone() const { return waitpid(pid_, nullptr, WUNTRACED | WCONTINUED | WNOHANG) == 0; }

 private:
  bool Await(int options) { return waitpid(pid_, &status_, options) == pid_; }

  const pid_t pid_;
  int status_ = 0;
  bool ended_ = false;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_TESTING_AGENT_SLEEPING_PROCESS_H_
