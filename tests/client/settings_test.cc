#include "client/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace jettyfleet {
namespace {

class SettingsTest : public testing::Test {
 protected:
  SettingsTest() : home_(testing::TempDir() + "/settings_test") {
    std::filesystem::remove_all(home_);
    std::filesystem::create_directories(home_ + "/.config/jettyfleet");
  }
  ~SettingsTest() override { std::filesystem::remove_all(home_); }

  void Write(const std::string& text) { std::ofstream(home_ + "/.config/jettyfleet/client.conf") << text; }

  const std::string home_;
};

TEST_F(SettingsTest, WithoutAFile) {
  const auto settings = DefaultSettings(home_, "");
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->coordinator, "localhost:7411");
  EXPECT_EQ(settings->certs, home_ + "/.config/jettyfleet");
  EXPECT_FALSE(settings->insecure);
}

TEST_F(SettingsTest, TheFileAndThenTheEnvironment) {
  Write("# where\ncoordinator = ops-01:7411  # the one\n\n certs=/etc/x \n");
  EXPECT_EQ(DefaultSettings(home_, "")->coordinator, "ops-01:7411");
  EXPECT_EQ(DefaultSettings(home_, "")->certs, "/etc/x");
  EXPECT_EQ(DefaultSettings(home_, "other:1")->coordinator, "other:1");
  EXPECT_EQ(DefaultSettings(home_, "other:1")->certs, "/etc/x");
}

TEST_F(SettingsTest, AMistakeIsNamed) {
  for (const char* text : {"coordinator\n", "coordinator =\n", "coordinatr = x\n", "= x\n", "insecure = true\n"}) {
    Write(std::string("\n") + text);
    const auto settings = DefaultSettings(home_, "");
    EXPECT_EQ(settings.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(settings.status().message()), testing::HasSubstr("client.conf: line 2 "));
  }
}

}  // namespace
}  // namespace jettyfleet
