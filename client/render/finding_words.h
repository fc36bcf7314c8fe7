// Findings of a check in words, which every view of them shares. Pure.
#ifndef JETTYFLEET_CLIENT_RENDER_FINDING_WORDS_H_
#define JETTYFLEET_CLIENT_RENDER_FINDING_WORDS_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <string>

#include "absl/strings/string_view.h"
#include "proto/check.pb.h"

namespace jettyfleet {

using Findings = google::protobuf::RepeatedPtrField<v1::Finding>;

// What stands before the first dot of an id: "ports" of "ports.bound".
std::string AreaOf(absl::string_view id);

// "fatal", "warning", "info"; "unknown severity" of a later version's.
const char* SeverityName(v1::Severity severity);

// "ports.bound, jetty, node-01 node-02": which check, and about what.
std::string SubjectOf(const v1::Finding& finding);

// It is neither silenced nor a mere remark.
bool Counts(const v1::Finding& finding);

// YES: all that count passed. NO: one of them did not. Else one of them is unknown.
v1::Answer PassedOf(const Findings& findings);

// "silenced until 2026-12-31: REASON", or "lowered until ..."; empty: judged as usual.
std::string SilenceOf(const v1::Finding& finding);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_RENDER_FINDING_WORDS_H_
