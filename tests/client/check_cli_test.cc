#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "client/cli.h"
#include "tests/client/fake_check_service.h"

namespace jettyfleet {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Outcome {
  int code;
  std::string out;
  std::string err;
};

class CheckCliTest : public testing::Test {
 protected:
  Outcome Ask(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "check");
    arguments.push_back("--insecure");
    std::ostringstream out;
    std::ostringstream err;
    const int code = RunClient(arguments, {"", coordinator_.address()}, Console{out, err});
    return {code, out.str(), err.str()};
  }

  // While it runs, Ctrl-C comes as soon as the answers are used up.
  Outcome Watch(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--watch", "--interval", "1ms"});
    std::thread operator_hand([this] {
      service().WaitUntilHeld();
      kill(getpid(), SIGINT);
    });
    const Outcome outcome = Ask(arguments);
    operator_hand.join();
    return outcome;
  }

  static v1::CheckReport Report(v1::Answer passed) {
    v1::CheckReport report;
    report.set_cluster("blue");
    report.set_passed(passed);
    report.mutable_at()->set_seconds(1795435223);
    for (const char* const id : {"cluster.quorum", "ports.bound"}) {
      v1::Finding* const finding = report.add_findings();
      finding->set_id(id);
      finding->set_severity(v1::SEVERITY_FATAL);
      finding->set_passed(v1::ANSWER_YES);
    }
    report.mutable_findings(1)->set_passed(passed);
    report.mutable_findings(1)->set_summary("port 8080");
    return report;
  }

  FakeCheckService& service() { return coordinator_.service; }

  FakeCheckCoordinator coordinator_;
};

TEST_F(CheckCliTest, TheAnswerIsTheExitCode) {
  for (const auto& [passed, code] : {std::pair{v1::ANSWER_YES, 0}, {v1::ANSWER_NO, 1}, {v1::ANSWER_UNSPECIFIED, 1}}) {
    for (const char* const format : {"text", "json", "junit", "table"}) {
      service().asked.clear();
      service().answers = {{grpc::Status::OK, Report(passed)}};
      EXPECT_EQ(Ask({"blue", "-o", format}).code, code) << format;
    }
  }
}

TEST_F(CheckCliTest, PrintsWhatIsAskedFor) {
  service().answers.assign(4, {grpc::Status::OK, Report(v1::ANSWER_NO)});
  const Outcome text = Ask({"blue", "--rehash", "--diff"});
  EXPECT_THAT(text.out, HasSubstr("NO       ports.bound: port 8080\n"));
  EXPECT_THAT(text.out, Not(HasSubstr("yes")));
  EXPECT_EQ(service().asked[0].cluster(), "blue");
  EXPECT_TRUE(service().asked[0].rehash());
  EXPECT_TRUE(service().asked[0].diff());
  EXPECT_THAT(Ask({"--all"}).out, HasSubstr("yes      cluster.quorum"));
  EXPECT_FALSE(service().asked[1].rehash());
  EXPECT_FALSE(service().asked[1].diff());
  v1::CheckReport read;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(Ask({"-o", "json"}).out, &read).ok());
  EXPECT_EQ(read.findings_size(), 2);
  EXPECT_THAT(Ask({"-o", "junit"}).out,
              HasSubstr("<testsuite name=\"jettyfleet check blue\" tests=\"2\" failures=\"1\""));
}

TEST_F(CheckCliTest, OnlyOneAreaOrCheck) {
  service().answers.assign(5, {grpc::Status::OK, Report(v1::ANSWER_NO)});
  const Outcome area = Ask({"--only", "cluster", "--all"});
  EXPECT_EQ(area.code, 0) << "what is not asked for does not count";
  EXPECT_THAT(area.out, HasSubstr("cluster.quorum"));
  EXPECT_THAT(area.out, Not(HasSubstr("ports.bound")));
  EXPECT_EQ(Ask({"--only", "ports.bound"}).code, 1);
  v1::CheckReport read;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(Ask({"--only", "cluster", "-o", "json"}).out, &read).ok());
  EXPECT_EQ(read.passed(), v1::ANSWER_YES);
  for (const char* const wrong : {"port", "ports.bounds"}) {
    const Outcome outcome = Ask({"--only", wrong});
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, StartsWith(std::string("jettyfleet: --only ") + wrong));
    EXPECT_THAT(outcome.err, HasSubstr("areas are cluster, ports"));
  }
}

TEST_F(CheckCliTest, UsageErrors) {
  const std::vector<std::string> cases[] = {
      {"blue", "green"},
      {"-o", "xml"},
      {"--interval", "10s"},
      {"--watch", "--interval", "soon"},
      {"--list", "--explain", "a"},
      {"--list", "--watch"},
      {"--explain", "a", "--watch"},
      {"--watch", "-o", "junit"},
      {"--list", "-o", "junit"},
  };
  for (const std::vector<std::string>& arguments : cases) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    const Outcome outcome = Ask(arguments);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, StartsWith("jettyfleet: "));
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  }
  EXPECT_TRUE(service().asked.empty());
}

TEST_F(CheckCliTest, ErrorsOfTheCoordinator) {
  const std::pair<grpc::StatusCode, int> cases[] = {{grpc::UNAVAILABLE, 3},        {grpc::PERMISSION_DENIED, 3},
                                                    {grpc::UNIMPLEMENTED, 3},      {grpc::NOT_FOUND, 2},
                                                    {grpc::RESOURCE_EXHAUSTED, 4}, {grpc::INTERNAL, 1}};
  for (const auto& [code, exit] : cases) {
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{}, {"--watch"}, {"--list"}, {"--explain", "a.b"}}) {
      SCOPED_TRACE(testing::PrintToString(arguments) + " " + std::to_string(code));
      service().asked.clear();
      service().answers = {{grpc::Status(code, "the reason"), {}}};
      service().list_status = grpc::Status(code, "the reason");
      const Outcome outcome = Ask(arguments);
      EXPECT_EQ(outcome.code, exit);
      EXPECT_EQ(outcome.out, "");
      EXPECT_THAT(outcome.err, HasSubstr("the reason"));
    }
  }
}

TEST_F(CheckCliTest, ExplainsChecks) {
  v1::CheckText* const check = service().checks.add_checks();
  check->set_id("ports.bound");
  check->set_severity(v1::SEVERITY_FATAL);
  check->set_title("Ports are bound");
  check->set_why("because");
  EXPECT_THAT(Ask({"--list"}).out, HasSubstr("ports.bound  fatal     Ports are bound\n"));
  const Outcome explained = Ask({"--explain", "ports.bound"});
  EXPECT_EQ(explained.code, 0);
  EXPECT_THAT(explained.out, HasSubstr("why it matters:\n  because\n"));
  v1::CheckText read;
  ASSERT_TRUE(
      google::protobuf::util::JsonStringToMessage(Ask({"--explain", "ports.bound", "-o", "json"}).out, &read).ok());
  EXPECT_EQ(read.why(), "because");
  const Outcome unknown = Ask({"--explain", "ports.bond"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_EQ(unknown.err, "jettyfleet: no check is called ports.bond; jettyfleet check --list shows all\n");
}

TEST_F(CheckCliTest, WatchingPrintsTheWholeThenWhatChangesThroughARestart) {
  v1::CheckReport later = Report(v1::ANSWER_YES);
  later.mutable_at()->set_seconds(1795435233);
  service().answers = {{grpc::Status::OK, Report(v1::ANSWER_NO)},
                       {grpc::Status::OK, Report(v1::ANSWER_NO)},
                       {grpc::Status(grpc::UNAVAILABLE, "gone"), {}},
                       {grpc::Status::OK, later}};
  const Outcome outcome = Watch({"blue"});
  EXPECT_EQ(outcome.code, 0) << "that of the last";
  EXPECT_EQ(outcome.err, "jettyfleet: the coordinator does not answer; trying again until it does\n");
  EXPECT_THAT(outcome.out, StartsWith("cluster blue, 2026-11-23 12:00:23Z"));
  EXPECT_THAT(outcome.out, testing::EndsWith("passed: 1 (cluster 1)\n"
                                             "12:00:33Z  yes      ports.bound: port 8080\n"
                                             "12:00:33Z  cluster blue: all that counts passed\n"));
  EXPECT_EQ(service().asked.size(), 5u);
}

TEST_F(CheckCliTest, WatchingInJsonIsALineForEachChange) {
  service().answers = {{grpc::Status::OK, Report(v1::ANSWER_YES)},
                       {grpc::Status::OK, Report(v1::ANSWER_YES)},
                       {grpc::Status::OK, Report(v1::ANSWER_NO)}};
  const Outcome outcome = Watch({"-o", "json"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 2) << outcome.out;
}

TEST_F(CheckCliTest, WatchingEndsWhereAskingAgainCannotHelp) {
  service().answers = {{grpc::Status::OK, Report(v1::ANSWER_YES)},
                       {grpc::Status(grpc::NOT_FOUND, "no cluster is called blue"), {}}};
  const Outcome outcome = Ask({"--watch", "--interval", "1ms"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.err, "jettyfleet: no cluster is called blue\n");
}

}  // namespace
}  // namespace jettyfleet
