// systemd's answer to GetAll for a service, with the types that it uses.
#ifndef JETTYFLEET_TESTS_AGENT_INSPECT_TESTING_UNIT_ANSWER_H_
#define JETTYFLEET_TESTS_AGENT_INSPECT_TESTING_UNIT_ANSWER_H_

#include <systemd/sd-bus.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace jettyfleet {

struct UnitAnswer {
  std::map<std::string, std::string> texts;
  std::map<std::string, bool> truths;
  std::map<std::string, uint64_t> numbers;
  std::map<std::string, std::vector<std::string>> lists;
  std::vector<std::pair<std::string, bool>> environment_files;  // may be missing
  std::map<std::string, std::vector<std::vector<std::string>>> commands;
  uint32_t main_pid = 0;

  // Negative errno: the test is wrong.
  int AppendTo(sd_bus_message* reply) const;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_AGENT_INSPECT_TESTING_UNIT_ANSWER_H_
