#include "coordinator/probe/seconds_tally.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace jettyfleet {
namespace {

uint32_t Milliseconds(absl::Duration duration) {
  const int64_t most = std::numeric_limits<uint32_t>::max();
  return static_cast<uint32_t>(std::clamp<int64_t>(absl::ToInt64Milliseconds(duration), 0, most));
}

}  // namespace

SecondsTally::SecondsTally(absl::Time wall_start, absl::Duration start, std::size_t most_rows)
    : wall_start_(wall_start), start_(start), most_rows_(most_rows) {}

int64_t SecondsTally::SecondOf(absl::Duration time) const { return absl::ToUnixSeconds(wall_start_ + (time - start_)); }

absl::Duration SecondsTally::EndOf(const Row& row) const {
  return start_ + (absl::FromUnixSeconds(row.counts.at().seconds() + row.counts.seconds()) - wall_start_);
}

// From the newest: almost all that is asked for is of the last seconds.
SecondsTally::Row& SecondsTally::Find(absl::Duration due) {
  const int64_t second = SecondOf(due);
  auto row = rows_.rbegin();
  while (std::next(row) != rows_.rend() && row->counts.at().seconds() > second) ++row;
  return *row;
}

void SecondsTally::Due(absl::Duration due) {
  if (!gap_began_.has_value()) gap_began_ = due;
  const int64_t second = SecondOf(due);
  if (!rows_.empty()) {
    Row& newest = rows_.back();
    if (newest.counts.at().seconds() >= second) return;
    if (newest.in_flight == 0) {
      SumUp(*newest.latency, &newest.counts);
      newest.latency.reset();
    }
  }
  if (rows_.size() >= most_rows_) HalveOlderHalf();
  Row& row = rows_.emplace_back();
  row.counts.mutable_at()->set_seconds(second);
  row.counts.set_seconds(1);
  row.latency = std::make_unique<LatencyHistogram>();
}

void SecondsTally::NotSent(absl::Duration due) {
  v1::TrafficSecond& counts = Find(due).counts;
  counts.set_not_sent(counts.not_sent() + 1);
}

void SecondsTally::Sent(absl::Duration due) {
  Row& row = Find(due);
  row.counts.set_requests(row.counts.requests() + 1);
  ++row.in_flight;
}

void SecondsTally::Failed(absl::Duration due, RequestFailure failure) {
  Row& row = Find(due);
  row.counts.set_failures(row.counts.failures() + 1);
  ++(*row.counts.mutable_failures_by_kind())[FailureName(failure)];
  EndRequest(&row);
}

void SecondsTally::Succeeded(absl::Duration due, absl::Duration now) {
  Row& row = Find(due);
  row.latency->Add(now - due);
  EndRequest(&row);
  EndGap(now);
}

void SecondsTally::Finish(absl::Duration now) { EndGap(now); }

void SecondsTally::EndRequest(Row* row) {
  if (--row->in_flight > 0 || row == &rows_.back()) return;
  SumUp(*row->latency, &row->counts);
  row->latency.reset();
}

void SecondsTally::NoteGap(const Row& row, absl::Duration began, absl::Duration now, v1::TrafficSecond* counts) const {
  const uint32_t gap_ms = Milliseconds(std::min(now, EndOf(row)) - began);
  counts->set_longest_gap_ms(std::max(counts->longest_gap_ms(), gap_ms));
}

void SecondsTally::EndGap(absl::Duration now) {
  if (!gap_began_.has_value()) return;
  for (auto row = rows_.rbegin(); row != rows_.rend() && EndOf(*row) > *gap_began_; ++row) {
    NoteGap(*row, *gap_began_, now, &row->counts);
  }
  gap_began_.reset();
}

void SecondsTally::SumUp(const LatencyHistogram& latency, v1::TrafficSecond* counts) {
  counts->set_p50_us(latency.QuantileUs(0.5));
  counts->set_p99_us(latency.QuantileUs(0.99));
  counts->set_max_us(latency.max_us());
}

void SecondsTally::HalveOlderHalf() {
  std::deque<Row> kept;
  const std::size_t half = rows_.size() / 2;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    // A second with requests in flight has no quantiles yet.
    const bool second_of_pair = i < half && i % 2 == 1;
    if (second_of_pair && rows_[i].in_flight == 0 && kept.back().in_flight == 0) {
      MergeRow(rows_[i].counts, &kept.back().counts);
    } else {
      kept.push_back(std::move(rows_[i]));
    }
  }
  rows_ = std::move(kept);
}

std::vector<v1::TrafficSecond> SecondsTally::Rows(absl::Duration now) const {
  std::vector<v1::TrafficSecond> out;
  out.reserve(rows_.size());
  for (const Row& row : rows_) {
    v1::TrafficSecond& counts = out.emplace_back(row.counts);
    if (row.latency != nullptr) SumUp(*row.latency, &counts);
    if (gap_began_.has_value()) NoteGap(row, *gap_began_, now, &counts);
  }
  return out;
}

}  // namespace jettyfleet
