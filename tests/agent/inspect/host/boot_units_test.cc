#include "agent/inspect/host/boot_units.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/agent/inspect/testing/threaded_systemd.h"

namespace jettyfleet {
namespace {

using ::testing::ElementsAre;

TEST(AskBootUnits, LeavesOutWhatIsNotThere) {
  // systemd answers for a unit without a unit file as well, with an empty state.
  const std::map<std::string, std::string> states = {{"corosync.service", "enabled"}, {"pcsd.service", "disabled"}};
  ThreadedSystemd systemd([&](const std::string& unit, sd_bus_message* call, sd_bus_message* reply) {
    const char* interface = nullptr;
    const char* property = nullptr;
    const int read = sd_bus_message_read(call, "ss", &interface, &property);
    if (read < 0 || std::string(property) != "UnitFileState") return -EINVAL;
    const auto state = states.find(unit);
    return sd_bus_message_append(reply, "v", "s", state == states.end() ? "" : state->second.c_str());
  });
  const absl::StatusOr<std::vector<v1::EnabledFact>> facts = AskBootUnits(systemd.Opener());
  ASSERT_TRUE(facts.ok()) << facts.status();
  std::vector<std::string> lines;
  for (const v1::EnabledFact& fact : *facts) lines.push_back(absl::StrCat(fact.unit(), " ", fact.unit_file_state()));
  EXPECT_THAT(lines, ElementsAre("corosync.service enabled", "pcsd.service disabled"));
  EXPECT_THAT(systemd.Calls(), ElementsAre("Get corosync.service", "Get pacemaker.service", "Get pcsd.service"));
}

TEST(AskBootUnits, FailsAsAWhole) {
  ThreadedSystemd refuses([](const std::string&, sd_bus_message*, sd_bus_message*) { return -EINVAL; });
  EXPECT_FALSE(AskBootUnits(refuses.Opener()).ok());
  ThreadedSystemd other([](const std::string&, sd_bus_message*, sd_bus_message* reply) {
    return sd_bus_message_append(reply, "v", "u", 7u);
  });
  EXPECT_FALSE(AskBootUnits(other.Opener()).ok());
  EXPECT_FALSE(AskBootUnits([](sd_bus**) { return -ENOENT; }).ok());
}

}  // namespace
}  // namespace jettyfleet
