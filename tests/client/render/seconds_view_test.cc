#include "client/render/seconds_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/client/render/golden.h"

namespace jettyfleet {
namespace {

TEST(SecondsViewTest, CalmSecondsShareALineAndMarksStandWhereTheyBelong) {
  ExpectGolden(RenderSeconds(ReadMessage<v1::TrafficSeconds>("drill_seconds.txtpb"), false), "drill_seconds.txt");
}

TEST(SecondsViewTest, NothingIsKnown) {
  EXPECT_EQ(RenderSeconds({}, false), "  nothing is known second by second: no traffic was sent, or none was kept\n");
}

TEST(SecondsViewTest, CalmLinesAreOfTenSecondsAtMost) {
  v1::TrafficSeconds seconds;
  for (int i = 0; i < 25; ++i) {
    v1::TrafficSecond* const row = seconds.add_rows();
    row->mutable_at()->set_seconds(1795435200 + i);
    row->set_seconds(1);
    row->set_requests(2);
  }
  const std::string view = RenderSeconds(seconds, false);
  EXPECT_EQ(std::count(view.begin(), view.end(), '\n'), 5) << view;
  EXPECT_THAT(view, testing::HasSubstr("12:00:10Z  +10s        20"));
  EXPECT_THAT(view, testing::HasSubstr("12:00:20Z  +5s         10"));
}

}  // namespace
}  // namespace jettyfleet
