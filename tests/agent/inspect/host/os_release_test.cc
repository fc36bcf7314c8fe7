#include "agent/inspect/host/os_release.h"

#include <gtest/gtest.h>

namespace jettyfleet {
namespace {

TEST(PrettyNameOf, ReadsIt) {
  const struct {
    const char* text;
    const char* name;
  } cases[] = {
      {"PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\n", "Debian GNU/Linux 12 (bookworm)"},
      {"NAME=x\n# PRETTY_NAME=no\nPRETTY_NAME='Rocky Linux 9'", "Rocky Linux 9"},
      {"PRETTY_NAME=Short", "Short"},
      {"NAME=x\n", "Linux"},
      {"", "Linux"},
  };
  for (const auto& test : cases) EXPECT_EQ(PrettyNameOf(test.text), test.name) << test.text;
}

}  // namespace
}  // namespace jettyfleet
