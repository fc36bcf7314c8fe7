#include "common/tls/tls_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "absl/time/clock.h"
#include "tests/testing/pki/test_fleet.h"

namespace jettyfleet {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class TlsFilesTest : public testing::Test {
 protected:
  TlsFilesTest() : directory_(testing::TempDir() + "/tls"), files_(TlsFilesIn(directory_)) {
    mkdir(directory_.c_str(), 0700);
    Write(fleet_.Material(Role::kOperator, "alice"));
  }

  ~TlsFilesTest() override {
    for (const std::string& path : {files_.ca, files_.certificate, files_.key}) unlink(path.c_str());
    rmdir(directory_.c_str());
  }

  void Write(const TlsMaterial& material) {
    Put(files_.ca, material.ca_pem);
    Put(files_.certificate, material.certificate_pem);
    Put(files_.key, material.key_pem);
    chmod(files_.key.c_str(), 0600);
  }

  static void Put(const std::string& path, const std::string& content) { std::ofstream(path) << content; }

  std::string Problem(absl::Time now = absl::Now()) const {
    const auto loaded = LoadTlsFiles(files_, now);
    const std::string message(loaded.status().message());
    EXPECT_FALSE(loaded.ok());
    EXPECT_THAT(message, Not(HasSubstr("\n")));
    return message;
  }

  const TestFleet fleet_{"lab"};
  const std::string directory_;
  const TlsFiles files_;
};

TEST_F(TlsFilesTest, LoadsWhatIsRight) {
  const auto loaded = LoadTlsFiles(files_, absl::Now());
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->identity, (Identity{"lab", Role::kOperator, "", "alice"}));
  EXPECT_FALSE(loaded->info.is_ca);
  EXPECT_EQ(loaded->info.serial.size(), 32u);
}

TEST_F(TlsFilesTest, AMissingFileIsNamed) {
  for (const std::string& path : {files_.ca, files_.certificate, files_.key}) {
    Write(fleet_.Material(Role::kOperator, "alice"));
    unlink(path.c_str());
    EXPECT_THAT(Problem(), AllOf(HasSubstr(path), HasSubstr("No such file"), HasSubstr("jettyfleet pki issue")));
  }
}

TEST_F(TlsFilesTest, AKeyThatOthersMayReadIsRefused) {
  for (const mode_t mode : {0640, 0604, 0660, 0644, 0610}) {
    chmod(files_.key.c_str(), mode);
    EXPECT_THAT(Problem(), HasSubstr("chmod 600 " + files_.key)) << mode;
  }
  chmod(files_.key.c_str(), 0400);
  EXPECT_TRUE(LoadTlsFiles(files_, absl::Now()).ok());
}

TEST_F(TlsFilesTest, ValidityIsJudged) {
  EXPECT_THAT(Problem(absl::Now() + absl::Hours(25)), AllOf(HasSubstr(files_.certificate), HasSubstr("expired at ")));
  EXPECT_THAT(Problem(absl::Now() - absl::Hours(1)), HasSubstr("clock"));
}

TEST_F(TlsFilesTest, AnotherCertificatesKeyIsRefused) {
  Put(files_.key, fleet_.Material(Role::kOperator, "alice").key_pem);
  EXPECT_THAT(Problem(), AllOf(HasSubstr(files_.key), HasSubstr("not that of the certificate")));
}

TEST_F(TlsFilesTest, AnotherAuthorityIsRefused) {
  Put(files_.ca, TestFleet("lab").authority().certificate_pem);
  EXPECT_THAT(Problem(), AllOf(HasSubstr(files_.ca), HasSubstr("not accepted")));
}

TEST_F(TlsFilesTest, GarbageIsNamed) {
  Put(files_.certificate, "garbage");
  EXPECT_THAT(Problem(), AllOf(HasSubstr(files_.certificate), HasSubstr("not a certificate in PEM form")));
  Write(fleet_.Material(Role::kOperator, "alice"));
  Put(files_.key, "garbage");
  EXPECT_THAT(Problem(), AllOf(HasSubstr(files_.key), HasSubstr("not a private key")));
  Write(fleet_.Material(Role::kOperator, "alice"));
  Put(files_.ca, "");
  EXPECT_THAT(Problem(), HasSubstr("no certificate of an authority"));
}

TEST_F(TlsFilesTest, AnAuthorityIsNoIdentity) {
  Put(files_.certificate, fleet_.authority().certificate_pem);
  Put(files_.key, fleet_.authority().key_pem);
  EXPECT_THAT(Problem(), HasSubstr("spiffe://lab"));
}

}  // namespace
}  // namespace jettyfleet
