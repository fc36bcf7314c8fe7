#include "client/render/text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

const char* Escape(Tone tone) {
  switch (tone) {
    case Tone::kPlain:
      return "";
    case Tone::kGood:
      return "\x1b[32m";
    case Tone::kBad:
      return "\x1b[1;31m";
    case Tone::kUnknown:
      return "\x1b[33m";
    case Tone::kFaint:
      return "\x1b[2m";
  }
  return "";
}

std::string Formatted(const char* format, const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0 && time.nanos() == 0) return "unknown";
  return absl::FormatTime(format, FromProto(time), absl::UTCTimeZone());
}

}  // namespace

std::string Harmless(absl::string_view text) {
  std::string out(text);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const unsigned char c = out[i];
    // U+0080 to U+009F, which terminals obey too, are C2 80 to C2 9F.
    const bool high_control = c >= 0x80 && c < 0xA0 && i > 0 && static_cast<unsigned char>(out[i - 1]) == 0xC2;
    if (high_control) out[i - 1] = '?';
    if (c < 0x20 || c == 0x7F || high_control) out[i] = '?';
  }
  return out;
}

std::string Paint(absl::string_view text, Tone tone, bool colour) {
  if (!colour || tone == Tone::kPlain || text.empty()) return std::string(text);
  return absl::StrCat(Escape(tone), text, "\x1b[0m");
}

std::size_t DisplayWidth(absl::string_view text) {
  return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), IsContinuation));
}

Cell AnswerCell(v1::Answer answer) {
  if (answer == v1::ANSWER_YES) return {"yes", Tone::kGood};
  if (answer == v1::ANSWER_NO) return {"NO", Tone::kBad};
  return {"unknown", Tone::kUnknown};
}

std::string SpanText(absl::Duration span) {
  if (span < absl::ZeroDuration()) span = absl::ZeroDuration();
  // Rounded first, so that 999.6 ms becomes 1.0s and not 1000ms.
  const int64_t milliseconds = absl::ToInt64Milliseconds(span + absl::Microseconds(500));
  if (milliseconds < 1000) return absl::StrCat(milliseconds, "ms");
  const int64_t tenths = (milliseconds + 50) / 100;
  if (tenths < 600) return absl::StrCat(tenths / 10, ".", tenths % 10, "s");
  const int64_t seconds = (milliseconds + 500) / 1000;
  if (seconds < 3600) return absl::StrFormat("%dm%02ds", seconds / 60, seconds % 60);
  return absl::StrFormat("%dh%02dm", seconds / 3600, seconds / 60 % 60);
}

std::string SpanText(bool measured, const google::protobuf::Duration& span) {
  return measured ? SpanText(FromProto(span)) : "-";
}

std::string LatencyText(uint32_t microseconds) {
  if (microseconds == 0) return "-";
  if (microseconds < 10000) return absl::StrFormat("%.1fms", microseconds / 1000.0);
  return SpanText(absl::Microseconds(microseconds));
}

std::string DateTimeText(const google::protobuf::Timestamp& time) { return Formatted("%Y-%m-%d %H:%M:%SZ", time); }

std::string TimeOfDayText(const google::protobuf::Timestamp& time) { return Formatted("%H:%M:%SZ", time); }

std::string Count(uint64_t number, absl::string_view noun) {
  return absl::StrCat(number, " ", noun, number == 1 ? "" : "s");
}

}  // namespace jettyfleet
