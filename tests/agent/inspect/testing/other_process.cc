#include "tests/agent/inspect/testing/other_process.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

namespace jettyfleet {

OtherProcess::OtherProcess(const std::function<bool()>& prepare) {
  int ends[2];
  if (pipe(ends) < 0) std::abort();
  pid_ = fork();
  if (pid_ < 0) std::abort();
  if (pid_ == 0) {
    const char answer = prepare() ? 'y' : 'n';
    // After `prepare`: a change of user clears it.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (write(ends[1], &answer, 1) != 1) _exit(1);
    for (;;) pause();
  }
  close(ends[1]);
  char answer = 'n';
  ready_ = read(ends[0], &answer, 1) == 1 && answer == 'y';
  close(ends[0]);
}

OtherProcess::~OtherProcess() { End(); }

void OtherProcess::End() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

}  // namespace jettyfleet
