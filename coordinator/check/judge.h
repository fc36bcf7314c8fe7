// All checks, carried out and put into words. Pure.
#ifndef JETTYFLEET_COORDINATOR_CHECK_JUDGE_H_
#define JETTYFLEET_COORDINATOR_CHECK_JUDGE_H_

#include <vector>

#include "coordinator/check/input.h"
#include "proto/check.pb.h"

namespace jettyfleet {

// A finding for each check of the cluster, and for each check of a resource and each resource, in the order of the
// catalogue. What the description silences or lowers is as it says until the last day that it names, by UTC; a check
// that is silenced is carried out and listed nevertheless.
std::vector<v1::Finding> JudgeChecks(const CheckInput& input);

// NO: one that counts has failed. Unset: one that counts is unknown. Silenced ones and those for information do not.
v1::Answer OverallOf(const std::vector<v1::Finding>& findings);

// Every check in words.
v1::ListChecksResponse ListOfChecks();

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_CHECK_JUDGE_H_
