#include "client/render/text.h"

#include <gtest/gtest.h>

#include "client/render/table.h"

namespace jettyfleet {
namespace {

TEST(TextTest, Spans) {
  const std::pair<absl::Duration, const char*> cases[] = {
      {absl::ZeroDuration(), "0ms"},        {absl::Seconds(-3), "0ms"},         {absl::Milliseconds(999), "999ms"},
      {absl::Microseconds(999600), "1.0s"}, {absl::Milliseconds(1250), "1.3s"}, {absl::Milliseconds(59940), "59.9s"},
      {absl::Milliseconds(59960), "1m00s"}, {absl::Seconds(72), "1m12s"},       {absl::Minutes(123), "2h03m"},
  };
  for (const auto& [span, text] : cases) EXPECT_EQ(SpanText(span), text);
  EXPECT_EQ(SpanText(false, {}), "-");
  EXPECT_EQ(SpanText(true, {}), "0ms");
}

TEST(TextTest, Latencies) {
  EXPECT_EQ(LatencyText(0), "-");
  EXPECT_EQ(LatencyText(123), "0.1ms");
  EXPECT_EQ(LatencyText(9960), "10.0ms");
  EXPECT_EQ(LatencyText(12400), "12ms");
  EXPECT_EQ(LatencyText(2500000), "2.5s");
}

TEST(TextTest, UnsetTimesAreUnknown) {
  EXPECT_EQ(DateTimeText({}), "unknown");
  EXPECT_EQ(TimeOfDayText({}), "unknown");
}

TEST(TextTest, AnswersAreThree) {
  EXPECT_EQ(AnswerCell(v1::ANSWER_YES).text, "yes");
  EXPECT_EQ(AnswerCell(v1::ANSWER_NO).text, "NO");
  EXPECT_EQ(AnswerCell(v1::ANSWER_UNSPECIFIED).text, "unknown");
  EXPECT_EQ(AnswerCell(static_cast<v1::Answer>(9)).text, "unknown");
}

TEST(TextTest, NothingFromElsewhereControlsTheTerminal) {
  EXPECT_EQ(Harmless("a\x1b[31mb\r\n\t\x7f"), "a?[31mb????");
  EXPECT_EQ(Harmless("\xc2\x9b"
                     "31m"),
            "??31m");
  EXPECT_EQ(Harmless("gr\xc3\xbc\xc3\x9f\x65 \xe2\x82\xac"), "gr\xc3\xbc\xc3\x9f\x65 \xe2\x82\xac");
}

TEST(TableTest, AlignsByCharactersAndLeavesNoTrailingSpaces) {
  Table table({{"NAME"}, {"N", Align::kRight}, {"NOTE"}});
  table.AddRow({{"M\xc3\xbcller"}, {"7"}, {""}});
  table.AddRow({{"a"}, {"1234"}, {"x"}});
  table.AddRow({{"b"}});
  EXPECT_EQ(table.Render(false, "> "),
            "> NAME       N  NOTE\n"
            "> M\xc3\xbcller     7\n"
            "> a       1234  x\n"
            "> b\n");
}

TEST(TableTest, ColoursDoNotMoveColumns) {
  Table table({{"A"}, {"B"}});
  table.AddRow({{"xx", Tone::kBad}, {"y"}});
  EXPECT_EQ(table.Render(true), "\x1b[2mA\x1b[0m   \x1b[2mB\x1b[0m\n\x1b[1;31mxx\x1b[0m  y\n");
}

}  // namespace
}  // namespace jettyfleet
