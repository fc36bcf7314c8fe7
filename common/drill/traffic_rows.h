// Rows of traffic second by second, made fewer. Pure.
#ifndef JETTYFLEET_COMMON_DRILL_TRAFFIC_ROWS_H_
#define JETTYFLEET_COMMON_DRILL_TRAFFIC_ROWS_H_

#include <cstddef>
#include <vector>

#include "proto/operation.pb.h"

namespace jettyfleet {

// Two hours. Where there are as many, the older half is merged two by two, so the newest hour is always second by
// second.
inline constexpr std::size_t kMostTrafficRows = 7200;

// `later` becomes part of `*row`; what that does to each field stands in proto/operation.proto.
void MergeRow(const v1::TrafficSecond& later, v1::TrafficSecond* row);

// Merges the older half two by two until there are at most `most` (at least 4). `rows` ascend.
void BoundRows(std::size_t most, std::vector<v1::TrafficSecond>* rows);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_DRILL_TRAFFIC_ROWS_H_
