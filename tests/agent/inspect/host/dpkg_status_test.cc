#include "agent/inspect/host/dpkg_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using ::testing::ElementsAre;

class DpkgStatusTest : public ::testing::Test {
 protected:
  std::vector<std::string> Read(const std::string& text) {
    std::ofstream(directory_ / "status") << text;
    const absl::StatusOr<std::vector<v1::PackageFact>> facts = ReadDpkgStatus(directory_ / "status");
    EXPECT_TRUE(facts.ok()) << facts.status();
    std::vector<std::string> lines;
    if (facts.ok()) {
      for (const v1::PackageFact& fact : *facts) lines.push_back(absl::StrCat(fact.name(), "=", fact.version()));
    }
    return lines;
  }
  const TemporaryDirectory directory_;
};

// Shaped as dpkg of Debian 12 writes it.
constexpr char kStatus[] =
    "Package: corosync\nStatus: install ok installed\nPriority: optional\nVersion: 3.1.7-1+deb12u1\n"
    "Description: cluster engine\n Package: pacemaker\n .\n Version: 9\n\n"
    "Package: haproxy\nStatus: deinstall ok config-files\nVersion: 2.6.12-1\n\n"
    "Package: jetty9\nStatus: install ok installed\nConffiles:\n /etc/jetty9/start.ini 0123\nVersion: "
    "9.4.57-0+deb12u3\n\n"
    "Package: jetty9-extras\nStatus: install ok installed\nVersion: 1\n\n"
    "Package: openjdk-17-jre-headless\nStatus: hold ok installed\nArchitecture: amd64\nVersion: 17.0.21~1\n\n"
    "Package: pcs\nStatus: install ok half-configured\nVersion: 0.11.5\n\n"
    "Package: systemd\nStatus: install ok installed\nVersion: 252.39-1~deb12u1";

TEST_F(DpkgStatusTest, ReadsWhatIsInstalledAndOfInterest) {
  EXPECT_THAT(Read(kStatus), ElementsAre("corosync=3.1.7-1+deb12u1", "jetty9=9.4.57-0+deb12u3",
                                         "openjdk-17-jre-headless=17.0.21~1", "systemd=252.39-1~deb12u1"));
}

// The file is read in pieces of 256 KiB: paragraphs and lines lie across their borders.
TEST_F(DpkgStatusTest, ReadsAcrossThePiecesOfALargeFile) {
  for (int shift = 0; shift < 64; ++shift) {
    const std::string before = absl::StrCat("Package: x\nStatus: install ok installed\nDescription: ",
                                            std::string((256 << 10) - 150 + shift, 'd'));
    EXPECT_THAT(Read(absl::StrCat(before, "\n\nPackage: pcs\nStatus: install ok installed\nVersion: 0.11.5\n")),
                ElementsAre("pcs=0.11.5"));
  }
}

TEST_F(DpkgStatusTest, KnowsWhatItCouldNotRead) {
  EXPECT_EQ(ReadDpkgStatus(directory_ / "none").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadDpkgStatus(directory_.path()).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(IsPackageOfInterest, GoesByWholeNames) {
  for (const char* const name : {"pacemaker", "jetty9", "jetty12", "openjdk-21-jre-headless", "resource-agents"}) {
    EXPECT_TRUE(IsPackageOfInterest(name)) << name;
  }
  for (const char* const name : {"", "jetty", "jetty9x", "libjetty9-java", "openjdk--jre-headless", "openjdk-21-jre",
                                 "pacemaker-cli-utils", "systemd-sysv"}) {
    EXPECT_FALSE(IsPackageOfInterest(name)) << name;
  }
}

}  // namespace
}  // namespace jettyfleet
