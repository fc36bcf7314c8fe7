#include "common/drill/traffic_rows.h"

#include <algorithm>
#include <utility>

namespace jettyfleet {

void MergeRow(const v1::TrafficSecond& later, v1::TrafficSecond* row) {
  row->set_seconds(static_cast<uint32_t>(later.at().seconds() + later.seconds() - row->at().seconds()));
  row->set_requests(row->requests() + later.requests());
  row->set_not_sent(row->not_sent() + later.not_sent());
  row->set_failures(row->failures() + later.failures());
  for (const auto& [kind, count] : later.failures_by_kind()) (*row->mutable_failures_by_kind())[kind] += count;
  row->set_p50_us(std::max(row->p50_us(), later.p50_us()));
  row->set_p99_us(std::max(row->p99_us(), later.p99_us()));
  row->set_max_us(std::max(row->max_us(), later.max_us()));
  row->set_longest_gap_ms(std::max(row->longest_gap_ms(), later.longest_gap_ms()));
}

void BoundRows(std::size_t most, std::vector<v1::TrafficSecond>* rows) {
  while (rows->size() > most) {
    std::vector<v1::TrafficSecond> kept;
    const std::size_t half = rows->size() / 2;
    for (std::size_t i = 0; i < rows->size(); ++i) {
      if (i < half && i % 2 == 1) {
        MergeRow((*rows)[i], &kept.back());
      } else {
        kept.push_back(std::move((*rows)[i]));
      }
    }
    *rows = std::move(kept);
  }
}

}  // namespace jettyfleet
