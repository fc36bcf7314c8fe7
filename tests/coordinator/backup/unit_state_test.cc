#include "coordinator/backup/unit_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace jettyfleet {
namespace {

TEST(UnitStateTest, OnlyWhatHasStoppedIsStopped) {
  for (const char* const state : {"inactive", "failed"}) EXPECT_TRUE(JudgeUnitState("a.service", state).ok()) << state;
  // Waiting for its restart is activating.
  for (const char* const state : {"active", "activating", "deactivating", "reloading", "maintenance", "", "new"}) {
    const absl::Status judged = JudgeUnitState("a.service", state);
    EXPECT_EQ(judged.code(), absl::StatusCode::kFailedPrecondition) << state;
    EXPECT_THAT(std::string(judged.message()), testing::HasSubstr("systemctl stop a.service"));
  }
}

}  // namespace
}  // namespace jettyfleet
