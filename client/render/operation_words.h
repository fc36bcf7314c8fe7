// What the enumerations of operations are called on a terminal.
#ifndef JETTYFLEET_CLIENT_RENDER_OPERATION_WORDS_H_
#define JETTYFLEET_CLIENT_RENDER_OPERATION_WORDS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/render/text.h"
#include "proto/operation.pb.h"

namespace jettyfleet {

// Values that this program does not know are "unknown".
absl::string_view ScenarioName(v1::Scenario scenario);
Cell StateCell(v1::OperationState state);
// "waiting", "leaving", "port bound", ...
absl::string_view StepName(v1::NodeStep step);

// Passed, failed, aborted or refused.
bool HasEnded(v1::OperationState state);

// "app 1.4.2", or "restart".
std::string RolloutWords(const v1::RolloutSpec& rollout);

// "rollout", or "drill".
absl::string_view OperationNoun(const v1::DrillSpec& spec);

// "evict of jetty on blue", "app 1.4.2 of jetty on blue".
std::string WhatText(const v1::DrillSpec& spec);

// From the beginning to the end, or to `now` while it runs.
std::string ElapsedText(const v1::OperationReport& report, absl::Time now);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_RENDER_OPERATION_WORDS_H_
