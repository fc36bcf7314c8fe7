// A ProcessRunner whose programs answer as a test wrote down.
#ifndef JETTYFLEET_TESTS_TESTING_AGENT_SCRIPTED_RUNNER_H_
#define JETTYFLEET_TESTS_TESTING_AGENT_SCRIPTED_RUNNER_H_

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "agent/loop.h"
#include "agent/process.h"

namespace jettyfleet {

class ScriptedRunner final : public ProcessRunner {
 public:
  explicit ScriptedRunner(Loop& loop) : loop_(loop) {}

  void Run(Command command, std::function<void(CommandResult)> done) override {
    calls.push_back(absl::StrJoin(command.argv, " "));
    CommandResult result;
    if (const auto found = answers.find(command.argv[0]); found != answers.end()) {
      result = found->second;
    } else {
      result.status = absl::UnavailableError("no such program");
    }
    if (held) {
      held_.push_back([done = std::move(done), result] { done(result); });
      return;
    }
    loop_.Post([done = std::move(done), result] { done(result); });
  }

  // Lets go of what was held, oldest first.
  void Release() {
    held = false;
    for (std::function<void()>& one : std::exchange(held_, {})) loop_.Post(std::move(one));
  }

  static CommandResult Exit(int code, std::string out, std::string err = "") {
    CommandResult result;
    result.exit_code = code;
    result.out = std::move(out);
    result.err = std::move(err);
    return result;
  }
  static CommandResult Ended(absl::Status status) {
    CommandResult result;
    result.status = std::move(status);
    return result;
  }

  std::map<std::string, CommandResult> answers;  // by argv[0]; others cannot be started
  std::vector<std::string> calls;                // every call so far, as one line each
  bool held = false;                             // programs do not end until Release

 private:
  Loop& loop_;
  std::vector<std::function<void()>> held_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_TESTING_AGENT_SCRIPTED_RUNNER_H_
