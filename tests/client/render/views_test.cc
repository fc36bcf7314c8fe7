#include <gtest/gtest.h>

#include "absl/time/time.h"
#include "client/render/findings_view.h"
#include "client/render/live_view.h"
#include "client/render/report_view.h"
#include "client/render/status_view.h"
#include "tests/client/render/golden.h"

namespace jettyfleet {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1795435223);

TEST(StatusViewTest, Healthy) {
  const auto status = ReadMessage<v1::GetStatusResponse>("status_healthy.txtpb");
  ExpectGolden(RenderStatus(status, false), "status_healthy.txt");
  ExpectGolden(RenderStatus(status, true), "status_healthy_colour.txt");
}

// Every kind of trouble at once: nothing unknown may look well, nor anything that a lost agent said last.
TEST(StatusViewTest, Troubled) {
  ExpectGolden(RenderStatus(ReadMessage<v1::GetStatusResponse>("status_troubled.txtpb"), false), "status_troubled.txt");
}

TEST(StatusViewTest, Nothing) {
  EXPECT_EQ(RenderStatus({}, false), "no cluster is known yet: no agent has connected and nothing has been applied\n");
}

TEST(LiveViewTest, Running) {
  const auto report = ReadMessage<v1::OperationReport>("drill_running.txtpb");
  ExpectGolden(RenderLive(report, kNow, false), "drill_running.txt");
  ExpectGolden(RenderLive(ReadMessage<v1::OperationReport>("drill_planning.txtpb"), kNow, false), "drill_planning.txt");
  ExpectGolden(RenderLive(ReadMessage<v1::OperationReport>("drill_refused.txtpb"), kNow, false), "drill_refused.txt");
}

TEST(LiveViewTest, ProgressIsWhatChanged) {
  const auto planning = ReadMessage<v1::OperationReport>("drill_planning.txtpb");
  auto running = ReadMessage<v1::OperationReport>("drill_running.txtpb");
  const auto passed = ReadMessage<v1::OperationReport>("drill_passed.txtpb");
  const auto failed = ReadMessage<v1::OperationReport>("drill_failed.txtpb");
  std::string lines = RenderProgress({}, planning, kNow) + RenderProgress(planning, running, kNow);
  EXPECT_EQ(RenderProgress(running, running, kNow), "");
  auto later = running;
  later.mutable_nodes(1)->mutable_traffic()->set_requests(500);
  EXPECT_EQ(RenderProgress(running, later, kNow), "") << "counters alone are no news";
  later.mutable_nodes(1)->set_step(v1::NODE_STEP_RESTORE);
  lines += RenderProgress(running, later, kNow) + RenderProgress(later, passed, kNow);
  lines += "--- one that failed, met in the middle\n" + RenderProgress({}, failed, kNow);
  ExpectGolden(lines, "drill_progress.txt");
}

TEST(LiveViewTest, List) {
  const auto operations = ReadMessage<v1::ListOperationsResponse>("operations.txtpb");
  ExpectGolden(RenderOperations(operations, absl::FromUnixSeconds(1795439300), false), "operations.txt");
  EXPECT_NE(RenderOperations({}, kNow, false).find("no drill"), std::string::npos);
}

TEST(ReportViewTest, EveryResult) {
  for (const std::string name : {"drill_passed", "drill_failed", "drill_refused", "drill_running"}) {
    const auto report = ReadMessage<v1::OperationReport>(name + ".txtpb");
    ExpectGolden(RenderReport(report, kNow, false), name + "_report.txt");
  }
}

TEST(FindingsViewTest, All) {
  ExpectGolden(RenderVerification(ReadMessage<v1::VerifyResponse>("verify.txtpb"), false), "verify.txt");
  ExpectGolden(RenderDiscovery(ReadMessage<v1::DiscoverResponse>("discover.txtpb"), false), "discover.txt");
  ExpectGolden(RenderRestoration(ReadMessage<v1::RestoreResponse>("restore.txtpb"), false), "restore.txt");
  EXPECT_EQ(RenderRestoration({}, false), "nothing of ours was in force\n");
  EXPECT_EQ(RenderVerification({}, false), "cluster : unknown\n\n  nothing was checked\n");
}

TEST(FindingsViewTest, ApplyProgress) {
  v1::ApplyProgress progress;
  progress.mutable_at()->set_seconds(1795435200);
  progress.set_step("create jetty\x1b[2J");
  progress.set_state(v1::ApplyProgress::STATE_FAILED);
  progress.set_detail("exit 1");
  EXPECT_EQ(RenderApplyProgress(progress, false), "12:00:00Z  create jetty?[2J: FAILED (exit 1)\n");
  progress.set_state(v1::ApplyProgress::STATE_UNCHANGED);
  progress.clear_detail();
  EXPECT_EQ(RenderApplyProgress(progress, false), "12:00:00Z  create jetty?[2J: unchanged\n");
}

}  // namespace
}  // namespace jettyfleet
