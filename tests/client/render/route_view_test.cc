#include "client/render/route_view.h"

#include <gtest/gtest.h>

#include "tests/client/render/golden.h"

namespace jettyfleet {
namespace {

TEST(RouteViewTest, Troubled) {
  ExpectGolden(RenderRoute(ReadMessage<v1::RouteShowResponse>("route_troubled.txtpb"), false), "route_troubled.txt");
}

TEST(RouteViewTest, Nothing) {
  v1::RouteShowResponse response;
  response.set_cluster("blue");
  response.mutable_as_of()->set_seconds(1795435223);
  EXPECT_EQ(RenderRoute(response, false),
            "cluster blue, 2026-11-23 12:00:23Z: unknown whether they agree\n\n  no node is described\n");
}

TEST(RouteViewTest, ProgressIsOneLine) {
  v1::RouteProgress progress;
  progress.mutable_at()->set_seconds(1795435223);
  progress.set_step("lb-01 jetty/node-01: drain");
  progress.set_state(v1::RouteProgress::STATE_FAILED);
  progress.set_detail("no\nanswer");
  EXPECT_EQ(RenderRouteProgress(progress, false), "12:00:23Z  lb-01 jetty/node-01: drain: failed (no?answer)\n");
  EXPECT_NE(RenderRouteProgress(progress, true), RenderRouteProgress(progress, false));
}

}  // namespace
}  // namespace jettyfleet
