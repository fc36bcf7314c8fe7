#include "client/render/seconds_view.h"

#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/render/operation_words.h"
#include "client/render/table.h"
#include "client/render/text.h"
#include "common/drill/traffic_rows.h"

namespace jettyfleet {
namespace {

constexpr char kIndent[] = "  ";
constexpr uint32_t kMostCalmSeconds = 10;

int64_t EndOf(const v1::TrafficSecond& row) { return row.at().seconds() + row.seconds(); }

std::string MarkText(const v1::StepMark& mark) {
  if (!mark.seen()) return absl::StrCat("> ", mark.node(), ": ", StepName(mark.step()));
  return absl::StrCat(mark.node(), ": ", mark.step() == v1::NODE_STEP_LEAVE ? "has left" : StepName(mark.step()));
}

Cell Bad(uint64_t count) { return {absl::StrCat(count), count > 0 ? Tone::kBad : Tone::kPlain}; }

// Takes marks and rows in the order of time.
class Lines {
 public:
  explicit Lines(const v1::TrafficSeconds& seconds) : seconds_(seconds) {
    for (const v1::TrafficSecond& row : seconds.rows()) AddRow(row);
    AddCalm();
    AddMarksBefore(std::numeric_limits<int64_t>::max());
  }

  std::string Render(bool colour) const { return table_.Render(colour, kIndent); }

 private:
  bool MarkBefore(int64_t second) const {
    return next_mark_ < seconds_.marks_size() && seconds_.marks(next_mark_).at().seconds() < second;
  }

  void AddRow(const v1::TrafficSecond& row) {
    const bool eventful = row.failures() > 0 || row.not_sent() > 0 || MarkBefore(EndOf(row));
    const bool goes_on = calm_.seconds() > 0 && EndOf(calm_) == row.at().seconds();
    if (eventful || !goes_on || calm_.seconds() + row.seconds() > kMostCalmSeconds) AddCalm();
    if (last_end_ > 0 && row.at().seconds() > last_end_) {
      AddLine(last_end_, row.at().seconds() - last_end_, nullptr, "nothing was counted");
    }
    last_end_ = EndOf(row);
    if (eventful) {
      AddMarksBefore(row.at().seconds());
      AddCounts(row);
    } else if (calm_.seconds() == 0) {
      calm_ = row;
    } else {
      MergeRow(row, &calm_);
    }
  }

  void AddCalm() {
    if (calm_.seconds() > 0) AddCounts(calm_);
    calm_.Clear();
  }

  // Such as come when no traffic is sent.
  void AddMarksBefore(int64_t second) {
    for (; MarkBefore(second); ++next_mark_) {
      const v1::StepMark& mark = seconds_.marks(next_mark_);
      AddLine(mark.at().seconds(), 0, nullptr, MarkText(mark));
    }
  }

  void AddCounts(const v1::TrafficSecond& row) {
    std::vector<std::string> notes;
    for (; MarkBefore(EndOf(row)); ++next_mark_) notes.push_back(MarkText(seconds_.marks(next_mark_)));
    // Sorted: a protobuf map has no order of its own.
    const std::map<std::string, uint64_t> kinds(row.failures_by_kind().begin(), row.failures_by_kind().end());
    for (const auto& [kind, count] : kinds) notes.push_back(absl::StrCat(count, " x ", kind));
    AddLine(row.at().seconds(), row.seconds(), &row, absl::StrJoin(notes, "; "));
  }

  void AddLine(int64_t second, int64_t seconds, const v1::TrafficSecond* row, const std::string& note) {
    google::protobuf::Timestamp at;
    at.set_seconds(second);
    std::vector<Cell> cells(9, Cell{"-", Tone::kFaint});
    cells[0] = {TimeOfDayText(at)};
    cells[1] = {seconds > 1 ? absl::StrCat("+", seconds, "s") : ""};
    if (row != nullptr) {
      cells[2] = {absl::StrCat(row->requests())};
      cells[3] = Bad(row->failures());
      cells[4] = {LatencyText(row->p50_us())};
      cells[5] = {LatencyText(row->p99_us())};
      cells[6] = {LatencyText(row->max_us())};
      cells[7] = {row->longest_gap_ms() == 0 ? "-" : SpanText(absl::Milliseconds(row->longest_gap_ms()))};
    }
    std::string what = note;
    if (row != nullptr && row->not_sent() > 0) {
      absl::StrAppend(&what, what.empty() ? "" : "; ", row->not_sent(), " not sent");
    }
    cells[8] = {what};
    table_.AddRow(std::move(cells));
  }

  const v1::TrafficSeconds& seconds_;
  int next_mark_ = 0;
  v1::TrafficSecond calm_;  // seconds() is 0: none
  int64_t last_end_ = 0;    // of the last row
  Table table_{{{"TIME"},
                {"FOR"},
                {"REQUESTS", Align::kRight},
                {"FAILED", Align::kRight},
                {"P50", Align::kRight},
                {"P99", Align::kRight},
                {"MAX", Align::kRight},
                {"GAP", Align::kRight},
                {"WHAT"}}};
};

}  // namespace

std::string RenderSeconds(const v1::TrafficSeconds& seconds, bool colour) {
  if (seconds.rows().empty()) {
    return absl::StrCat(kIndent, "nothing is known second by second: no traffic was sent, or none was kept\n");
  }
  return absl::StrCat(Lines(seconds).Render(colour), kIndent,
                      "> a step begins. P50 and P99 of several seconds are the greatest of theirs.\n");
}

}  // namespace jettyfleet
