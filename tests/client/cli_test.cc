#include "client/cli.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "common/drill/scenarios.h"
#include "common/proto_time.h"
#include "tests/client/fake_fleet_service.h"

namespace jettyfleet {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

constexpr char kGoodYaml[] =
    "apiVersion: jettyfleet/v1\nkind: Cluster\ncluster: blue\nresources:\n"
    "  - {name: jetty, unit: jetty9, health: {port: 8080}}\n";

struct Outcome {
  int code;
  std::string out;
  std::string err;
};

class CliTest : public testing::Test {
 protected:
  CliTest() : home_(testing::TempDir() + "/cli_test") {
    std::filesystem::remove_all(home_);
    std::filesystem::create_directories(home_);
  }
  ~CliTest() override { std::filesystem::remove_all(home_); }

  Outcome Run(std::vector<std::string> arguments, bool terminal = false) {
    std::ostringstream out;
    std::ostringstream err;
    const Console console{out, err, terminal, false};
    const int code = RunClient(arguments, {home_, coordinator_.address()}, console);
    return {code, out.str(), err.str()};
  }

  // With the fake coordinator.
  Outcome Ask(std::vector<std::string> arguments, bool terminal = false) {
    arguments.push_back("--insecure");
    return Run(arguments, terminal);
  }

  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = home_ + "/" + name;
    std::ofstream(path) << text;
    return path;
  }

  static v1::OperationReport Report(v1::OperationState state) {
    v1::OperationReport report;
    report.set_id("d-1");
    report.set_state(state);
    report.mutable_began_at()->set_seconds(1795435200);
    return report;
  }

  FakeFleetService& service() { return coordinator_.service; }

  FakeCoordinator coordinator_;
  const std::string home_;
};

// Every error is one line on stderr with our name before it.
void ExpectOneLine(const std::string& err) {
  EXPECT_THAT(err, testing::StartsWith("jettyfleet: "));
  EXPECT_EQ(std::count(err.begin(), err.end(), '\n'), 1) << err;
}

TEST_F(CliTest, UsageErrors) {
  const std::vector<std::string> cases[] = {
      {},
      {"bogus"},
      {"drill"},
      {"drill", "start"},
      {"drill", "start", "--scenario", "crash"},
      {"drill", "start", "--scenario", "evict", "--lease", "10"},
      {"drill", "start", "--scenario", "evict", "--lease", "100000m"},
      {"drill", "start", "--scenario", "evict", "--min-serving", "-1"},
      {"drill", "abort", "d-1"},
      {"status", "blue", "green"},
      {"status", "-o", "xml"},
      {"status", "--timeout", "soon"},
      {"events", "--after", "x"},
      {"apply"},
      {"pki"},
      {"pki", "issue", "--dir", "x"},
  };
  for (const std::vector<std::string>& arguments : cases) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    const Outcome outcome = Ask(arguments);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(outcome.out, "");
    ExpectOneLine(outcome.err);
  }
}

TEST_F(CliTest, DrillShowInItsThreeForms) {
  service().operation = Report(v1::OPERATION_STATE_FAILED);
  service().operation.set_reason("node-02 did not come back");
  v1::TrafficSecond* const row = service().operation.mutable_seconds()->add_rows();
  row->mutable_at()->set_seconds(1795435200);
  row->set_seconds(1);
  row->set_requests(42);
  const Outcome text = Ask({"drill", "show", "d-1", "--seconds"});
  EXPECT_EQ(text.code, 0);
  EXPECT_TRUE(service().got.with_seconds());
  EXPECT_THAT(text.out, AllOf(HasSubstr("drill d-1"), HasSubstr("12:00:00Z             42")));
  EXPECT_THAT(Ask({"drill", "show", "d-1", "--seconds", "-o", "json"}).out, HasSubstr("\"requests\": \"42\""));
  const Outcome plain = Ask({"drill", "show", "d-1"});
  EXPECT_FALSE(service().got.with_seconds());
  EXPECT_THAT(plain.out, Not(HasSubstr("12:00:00Z             42")));
  const Outcome junit = Ask({"drill", "show", "d-1", "-o", "junit"});
  EXPECT_EQ(junit.code, 0);
  EXPECT_THAT(junit.out, AllOf(testing::StartsWith("<?xml"), HasSubstr("message=\"node-02 did not come back\"")));
}

TEST_F(CliTest, JunitIsForWhatHasAResult) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"status"}, {"drill", "list"}, {"drill", "report"}}) {
    std::vector<std::string> all = arguments;
    all.insert(all.end(), {"-o", "junit"});
    const Outcome outcome = Ask(all);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err, "jettyfleet: -o junit: only check, drill show and rollout show have it\n");
  }
}

TEST_F(CliTest, HelpAndVersionNeedNothing) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--help"}, {"drill", "start", "--help"}, {"version"}}) {
    const Outcome outcome = Run(arguments);
    EXPECT_EQ(outcome.code, 0);
    EXPECT_NE(outcome.out, "");
    EXPECT_EQ(outcome.err, "");
  }
}

TEST_F(CliTest, EveryStatusOfTheCoordinatorHasItsExitCode) {
  const std::pair<grpc::StatusCode, int> cases[] = {
      {grpc::INVALID_ARGUMENT, 2},    {grpc::NOT_FOUND, 2},
      {grpc::UNAVAILABLE, 3},         {grpc::UNAUTHENTICATED, 3},
      {grpc::PERMISSION_DENIED, 3},   {grpc::DEADLINE_EXCEEDED, 3},
      {grpc::FAILED_PRECONDITION, 4}, {grpc::ABORTED, 4},
      {grpc::RESOURCE_EXHAUSTED, 4},  {grpc::INTERNAL, 1},
      {grpc::UNIMPLEMENTED, 3},       {grpc::DATA_LOSS, 1},
  };
  const std::string file = Write("good.yaml", kGoodYaml);
  const std::vector<std::string> commands[] = {
      {"status"},
      {"discover"},
      {"verify", "blue"},
      {"apply", "-f", file},
      {"restore"},
      {"events"},
      {"events", "--follow"},
      {"drill", "start", "--scenario", "evict"},
      {"drill", "list"},
      {"drill", "show"},
      {"drill", "watch"},
      {"drill", "report"},
      {"drill", "abort", "--why", "enough"},
  };
  for (const auto& [code, exit] : cases) {
    service().status = grpc::Status(code, "the reason\nin two lines");
    for (const std::vector<std::string>& command : commands) {
      SCOPED_TRACE(testing::PrintToString(command) + " " + std::to_string(code));
      const Outcome outcome = Ask(command);
      EXPECT_EQ(outcome.code, exit);
      EXPECT_EQ(outcome.out, "");
      ExpectOneLine(outcome.err);
      EXPECT_THAT(outcome.err, HasSubstr("the reason?in two lines"));
    }
  }
}

TEST_F(CliTest, AMutationWithoutAnAnswerMayHaveBeenDone) {
  service().status = grpc::Status(grpc::UNAVAILABLE, "gone");
  EXPECT_THAT(Ask({"drill", "start", "--scenario", "evict"}).err,
              HasSubstr("whether it was done is not known, look with: jettyfleet drill list"));
  service().status = grpc::Status(grpc::FAILED_PRECONDITION, "operation d-7 of operator bob holds cluster blue");
  EXPECT_EQ(Ask({"drill", "start", "--scenario", "evict"}).err,
            "jettyfleet: operation d-7 of operator bob holds cluster blue\n");
}

TEST_F(CliTest, AnUnreachableCoordinator) {
  const Outcome outcome = Ask({"status", "--coordinator", "127.0.0.1:1", "--timeout", "5s"});
  EXPECT_EQ(outcome.code, 3);
  ExpectOneLine(outcome.err);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("127.0.0.1:1"), HasSubstr("--coordinator")));
}

TEST_F(CliTest, WithoutCertificates) {
  const Outcome outcome = Run({"status"});
  EXPECT_EQ(outcome.code, 3);
  ExpectOneLine(outcome.err);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr(home_ + "/.config/jettyfleet/ca.pem"), HasSubstr("--certs")));
}

TEST_F(CliTest, InsecureOnlyOnLoopback) {
  const Outcome outcome = Ask({"status", "--coordinator", "192.0.2.1:7411"});
  EXPECT_EQ(outcome.code, 2);
  ExpectOneLine(outcome.err);
}

TEST_F(CliTest, StatusIsYesOnlyWhenAllIsWell) {
  EXPECT_EQ(Ask({"status"}).code, 1) << "no cluster is known";
  service().cluster_status.add_clusters()->set_healthy(v1::ANSWER_YES);
  EXPECT_EQ(Ask({"status"}).code, 0);
  v1::ClusterStatus* const second = service().cluster_status.add_clusters();
  EXPECT_EQ(Ask({"status"}).code, 1) << "unknown is not healthy";
  second->set_healthy(v1::ANSWER_NO);
  EXPECT_EQ(Ask({"status"}).code, 1);
}

TEST_F(CliTest, VerifyIsYesOnlyWhenItPassed) {
  EXPECT_EQ(Ask({"verify"}).code, 1) << "unknown";
  service().verification.set_passed(v1::ANSWER_NO);
  EXPECT_EQ(Ask({"verify"}).code, 1);
  service().verification.set_passed(v1::ANSWER_YES);
  EXPECT_EQ(Ask({"verify"}).code, 0);
}

TEST_F(CliTest, RestoreIsYesOnlyWhenEverythingIsUndone) {
  EXPECT_EQ(Ask({"restore", "blue", "--why", "tidy"}).code, 0) << "nothing was in force";
  EXPECT_EQ(service().restored.cluster(), "blue");
  EXPECT_EQ(service().restored.why(), "tidy");
  service().restoration.add_items()->set_undone(v1::ANSWER_YES);
  EXPECT_EQ(Ask({"restore"}).code, 0);
  service().restoration.add_items();
  EXPECT_EQ(Ask({"restore"}).code, 1) << "unknown";
}

TEST_F(CliTest, JsonIsProtobufsMapping) {
  service().cluster_status.add_clusters()->set_cluster("blue");
  const Outcome outcome = Ask({"status", "-o", "json"});
  v1::GetStatusResponse parsed;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(outcome.out, &parsed).ok()) << outcome.out;
  EXPECT_EQ(parsed.clusters(0).cluster(), "blue");
  EXPECT_THAT(outcome.out, HasSubstr("\"healthy\": \"ANSWER_UNSPECIFIED\"")) << "an unknown is visible";
}

TEST_F(CliTest, ApplySendsWhatTheFileSays) {
  v1::ApplyProgress progress;
  progress.set_step("create jetty");
  progress.set_state(v1::ApplyProgress::STATE_DONE);
  service().apply_progress = {progress};
  const std::string file = Write("good.yaml", kGoodYaml);
  const Outcome good = Ask({"apply", "-f", file, "--why", "first"});
  EXPECT_EQ(good.code, 0) << good.err;
  EXPECT_THAT(good.out, HasSubstr("create jetty: done"));
  EXPECT_EQ(service().applied.description().cluster(), "blue");
  EXPECT_EQ(service().applied.why(), "first");
  EXPECT_EQ(service().applied.request_id().size(), 36u);
  progress.set_state(v1::ApplyProgress::STATE_FAILED);
  service().apply_progress.push_back(progress);
  EXPECT_EQ(Ask({"apply", "-f", file}).code, 1);
}

TEST_F(CliTest, BadYamlIsAUsageErrorWithItsPlace) {
  const std::string file = Write("bad.yaml", std::string(kGoodYaml) + "colour: red\n");
  const Outcome outcome = Ask({"apply", "-f", file});
  EXPECT_EQ(outcome.code, 2);
  ExpectOneLine(outcome.err);
  EXPECT_THAT(outcome.err, HasSubstr(file + ":6:1: key \"colour\": is not known here"));
  EXPECT_FALSE(service().applied.has_description()) << "nothing was sent";
  const Outcome missing = Ask({"apply", "-f", home_ + "/nowhere.yaml"});
  EXPECT_EQ(missing.code, 2);
  EXPECT_THAT(missing.err, HasSubstr("nowhere.yaml: No such file"));
}

TEST_F(CliTest, DrillStartSendsWhatTheCommandLineSays) {
  service().watches = {{Report(v1::OPERATION_STATE_PASSED)}};
  const Outcome outcome = Ask({"drill",      "start",
                               "--scenario", "standby",
                               "--node",     "node-02",
                               "--node",     "node-01",
                               "blue",       "--resource",
                               "jetty",      "--why",
                               "monday",     "--lease",
                               "3m",         "--min-serving",
                               "2",          "--return",
                               "stay",       "--budget-failed",
                               "5",          "--budget-lost",
                               "1",          "--budget-gap",
                               "500ms",      "--drain-deadline",
                               "15s",        "--baseline",
                               "2s",         "--budget-p99",
                               "1s"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const v1::DrillSpec& spec = service().started.spec();
  EXPECT_EQ(spec.cluster(), "blue");
  EXPECT_EQ(spec.scenario(), v1::SCENARIO_STANDBY);
  EXPECT_THAT(spec.nodes(), testing::ElementsAre("node-02", "node-01"));
  EXPECT_EQ(spec.resource(), "jetty");
  EXPECT_EQ(spec.why(), "monday");
  EXPECT_EQ(FromProto(spec.lease()), absl::Minutes(3));
  EXPECT_EQ(spec.min_serving(), 2u);
  EXPECT_EQ(spec.return_policy(), v1::RETURN_POLICY_STAY);
  EXPECT_EQ(spec.budget().failed_requests(), 5u);
  EXPECT_EQ(spec.budget().lost_sessions(), 1u);
  EXPECT_TRUE(spec.budget().judge_sessions());
  EXPECT_EQ(spec.budget().longest_gap_ms(), 500u);
  EXPECT_EQ(spec.budget().p99_ms(), 1000u);
  EXPECT_EQ(FromProto(spec.drain_deadline()), absl::Seconds(15));
  EXPECT_FALSE(spec.has_step_deadline()) << "left to the coordinator";
  EXPECT_EQ(service().started.request_id().size(), 36u);
}

TEST_F(CliTest, ADryRunStartsNothing) {
  v1::PlannedVisit* const visit = service().dry_run.add_visits();
  visit->set_node("node-01");
  Outcome outcome = Ask({"drill", "start", "--scenario", "evict", "--dry-run"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("nothing was done"));
  ASSERT_EQ(service().dry_runs.size(), 1u);
  EXPECT_EQ(service().dry_runs[0].spec().scenario(), v1::SCENARIO_EVICT);

  visit->add_gate("the cluster is in maintenance mode");
  outcome = Ask({"drill", "start", "--scenario", "all", "--dry-run", "--allow-fencing"});
  EXPECT_EQ(outcome.code, 4) << "a gate that says no";
  EXPECT_THAT(outcome.out, HasSubstr("the cluster is in maintenance mode"));
  EXPECT_EQ(service().dry_runs.size(), 1u + Scenarios().size());
  EXPECT_EQ(service().started.request_id(), "") << "none was started";
}

TEST_F(CliTest, EveryMutationHasARequestIdOfItsOwn) {
  service().watches = {{Report(v1::OPERATION_STATE_PASSED)}};
  Ask({"drill", "start", "--scenario", "evict", "--detach"});
  const std::string first = service().started.request_id();
  Ask({"drill", "start", "--scenario", "evict", "--detach"});
  EXPECT_THAT(first, MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  EXPECT_NE(service().started.request_id(), first);
}

TEST_F(CliTest, ADrillsResultIsTheExitCode) {
  const std::pair<v1::OperationState, int> cases[] = {
      {v1::OPERATION_STATE_PASSED, 0},
      {v1::OPERATION_STATE_FAILED, 1},
      {v1::OPERATION_STATE_ABORTED, 1},
      {v1::OPERATION_STATE_REFUSED, 4},
  };
  for (const auto& [state, exit] : cases) {
    service().watched.clear();
    service().watches = {{Report(v1::OPERATION_STATE_RUNNING), Report(state)}};
    service().operation = Report(state);
    EXPECT_EQ(Ask({"drill", "start", "--scenario", "evict"}).code, exit);
    EXPECT_EQ(service().watched[0].operation_id(), "d-1");
    service().watched.clear();
    EXPECT_EQ(Ask({"drill", "watch"}).code, exit);
    EXPECT_EQ(Ask({"drill", "report"}).code, exit);
    EXPECT_EQ(Ask({"drill", "show"}).code, 0);
    EXPECT_EQ(Ask({"drill", "list"}).code, 0);
  }
  service().operation = Report(v1::OPERATION_STATE_RUNNING);
  EXPECT_EQ(Ask({"drill", "report"}).code, 1) << "not passed yet";
}

TEST_F(CliTest, AWatchSurvivesACoordinatorThatComesBack) {
  v1::OperationReport second = Report(v1::OPERATION_STATE_RUNNING);
  service().watches = {{Report(v1::OPERATION_STATE_RUNNING)}, {second}, {Report(v1::OPERATION_STATE_PASSED)}};
  const Outcome outcome = Ask({"drill", "watch"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("the coordinator is gone; trying again"));
  ASSERT_EQ(service().watched.size(), 3u);
  EXPECT_EQ(service().watched[0].operation_id(), "");
  EXPECT_EQ(service().watched[2].operation_id(), "d-1") << "the same one, even if another has begun";
}

TEST_F(CliTest, OnATerminalThePictureIsDrawnAnew) {
  service().watches = {{Report(v1::OPERATION_STATE_RUNNING), Report(v1::OPERATION_STATE_PASSED)}};
  const std::string terminal = Ask({"drill", "watch"}, /*terminal=*/true).out;
  EXPECT_THAT(terminal, HasSubstr("\x1b[5A\r\x1b[J"));
  EXPECT_THAT(terminal, HasSubstr("Ctrl-C leaves"));
  service().watched.clear();
  const std::string plain = Ask({"drill", "watch"}).out;
  EXPECT_THAT(plain, Not(HasSubstr("\x1b")));
  EXPECT_THAT(plain, HasSubstr("result  PASSED"));
}

TEST_F(CliTest, CtrlCLeavesTheDrillRunning) {
  service().watches = {{Report(v1::OPERATION_STATE_RUNNING)}};
  service().watch_goes_on = true;
  std::thread operator_hand([this] {
    service().WaitUntilHeld();
    kill(getpid(), SIGINT);
  });
  const Outcome outcome = Ask({"drill", "start", "--scenario", "evict"});
  operator_hand.join();
  EXPECT_EQ(outcome.code, 1);
  ExpectOneLine(outcome.err);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("the drill goes on"), HasSubstr("jettyfleet drill watch d-1"),
                                 HasSubstr("jettyfleet drill abort d-1 --why")));
  EXPECT_EQ(service().aborted.operation_id(), "");
}

TEST_F(CliTest, DetachReturnsAtOnce) {
  const Outcome outcome = Ask({"drill", "start", "--scenario", "evict", "--detach"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("drill watch d-1"), HasSubstr("drill abort d-1")));
  EXPECT_TRUE(service().watched.empty());
}

TEST_F(CliTest, AbortSaysWhy) {
  EXPECT_EQ(Ask({"drill", "abort", "d-1", "--why", "enough", "--cluster", "blue"}).code, 0);
  EXPECT_EQ(service().aborted.operation_id(), "d-1");
  EXPECT_EQ(service().aborted.cluster(), "blue");
  EXPECT_EQ(service().aborted.why(), "enough");
}

v1::JournalRecord Event(uint64_t sequence) {
  v1::JournalRecord event;
  event.set_sequence(sequence);
  event.mutable_description_stored();
  return event;
}

TEST_F(CliTest, EventsAreListed) {
  service().events = {{Event(4), Event(5)}};
  const Outcome outcome = Ask({"events", "blue", "--after", "3"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 2);
  EXPECT_EQ(service().listed[0].after(), 3u);
  EXPECT_EQ(service().listed[0].cluster(), "blue");
  EXPECT_FALSE(service().listed[0].follow());
}

TEST_F(CliTest, FollowingResumesAfterTheLastEvent) {
  // The last stream has nothing to send: leaving must not race with an event on its way.
  service().events = {{Event(4), Event(5)}, {}, {Event(6)}, {}};
  std::thread operator_hand([this] {
    service().WaitUntilHeld();
    kill(getpid(), SIGINT);
  });
  const Outcome outcome = Ask({"events", "--follow", "-o", "json"});
  operator_hand.join();
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 3) << outcome.out;
  ASSERT_EQ(service().listed.size(), 4u);
  EXPECT_EQ(service().listed[1].after(), 5u);
  EXPECT_EQ(service().listed[2].after(), 5u);
  EXPECT_EQ(service().listed[3].after(), 6u);
  EXPECT_THAT(outcome.err, HasSubstr("the coordinator is gone; trying again until it is back"));
}

TEST_F(CliTest, PkiNeedsNoCoordinator) {
  const std::string pki = home_ + "/pki";
  EXPECT_EQ(Run({"pki", "init", "--dir", pki, "--fleet", "lab"}).code, 0);
  EXPECT_EQ(Run({"pki", "init", "--dir", pki, "--fleet", "lab"}).code, 2) << "never overwrites";
  const Outcome issued = Run({"pki", "issue", "--dir", pki, "--role", "agent", "--cluster", "blue", "--name", "node-01",
                              "--out", home_ + "/n"});
  EXPECT_EQ(issued.code, 0) << issued.err;
  EXPECT_THAT(issued.out, HasSubstr("agent node-01 of cluster blue in fleet lab"));
  EXPECT_EQ(Run({"pki", "issue", "--dir", pki, "--role", "coordinator", "--out", home_ + "/c"}).code, 0);
  for (const std::vector<std::string>& bad : {std::vector<std::string>{"--role", "agent", "--name", "x"},
                                              {"--role", "root", "--name", "x"},
                                              {"--role", "operator"},
                                              {"--role", "coordinator", "--name", "x"},
                                              {"--role", "viewer", "--name", "X"}}) {
    std::vector<std::string> arguments = {"pki", "issue", "--dir", pki, "--out", home_ + "/bad"};
    arguments.insert(arguments.end(), bad.begin(), bad.end());
    const Outcome outcome = Run(arguments);
    EXPECT_EQ(outcome.code, 2) << testing::PrintToString(bad);
    ExpectOneLine(outcome.err);
  }
  const Outcome shown = Run({"pki", "show", home_ + "/n/cert.pem"});
  EXPECT_EQ(shown.code, 0);
  EXPECT_EQ(shown.out, issued.out);
  EXPECT_EQ(Run({"pki", "show", home_ + "/n/key.pem"}).code, 2);
  EXPECT_EQ(Run({"pki", "deny", "--dir", pki, "--serial", "abc123"}).code, 0);
  EXPECT_EQ(Run({"pki", "deny", "--dir", pki, "--serial", "hello"}).code, 2);
}

}  // namespace
}  // namespace jettyfleet
