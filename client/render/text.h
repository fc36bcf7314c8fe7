// Small pieces of text that every view is made of. Pure.
#ifndef JETTYFLEET_CLIENT_RENDER_TEXT_H_
#define JETTYFLEET_CLIENT_RENDER_TEXT_H_

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "proto/observation.pb.h"

namespace jettyfleet {

// What a piece of text is, for terminals that show colours.
enum class Tone { kPlain, kGood, kBad, kUnknown, kFaint };

struct Cell {
  std::string text;
  Tone tone = Tone::kPlain;
};

// What came from elsewhere may hold escape sequences; every control character becomes '?'.
std::string Harmless(absl::string_view text);

std::string Paint(absl::string_view text, Tone tone, bool colour);

// Columns on a terminal: characters and not bytes.
std::size_t DisplayWidth(absl::string_view text);

// "yes", "NO", "unknown".
Cell AnswerCell(v1::Answer answer);

// "-" when it was not measured, else "250ms", "2.3s", "1m12s", "2h03m".
std::string SpanText(absl::Duration span);
std::string SpanText(bool measured, const google::protobuf::Duration& span);

// "1.2ms" from microseconds; "-" for 0, which is no measurement.
std::string LatencyText(uint32_t microseconds);

// "2026-11-23 12:00:01Z", "12:00:01Z"; "unknown" when it is not set.
std::string DateTimeText(const google::protobuf::Timestamp& time);
std::string TimeOfDayText(const google::protobuf::Timestamp& time);

// "1 node", "3 nodes": with its number, in the plural where it is not one.
std::string Count(uint64_t number, absl::string_view noun);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_RENDER_TEXT_H_
