#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "coordinator/check/judge.h"
#include "docs/checks_page.h"

namespace jettyfleet {
namespace {

TEST(ChecksDocument, IsAsTheChecksAre) {
  std::stringstream written;
  written << std::ifstream("docs/checks.md").rdbuf();
  EXPECT_EQ(written.str(), ChecksPage(ListOfChecks())) << "scripts/print-checks > docs/checks.md";
}

}  // namespace
}  // namespace jettyfleet
