// What an apply would do: an ordered list of typed steps, or why it would do nothing. A value.
#ifndef JETTYFLEET_COORDINATOR_PLAN_PLAN_H_
#define JETTYFLEET_COORDINATOR_PLAN_PLAN_H_

#include <string>
#include <vector>

#include "proto/action.pb.h"

namespace jettyfleet {

struct PlanStep {
  std::string what;   // "set clone-max=3 on jetty-clone"
  std::string found;  // "clone-max is 2": why it is needed
  // The node whose agent does it; empty: the DC's.
  std::string host;
  v1::Action action;  // its kind only
};

struct Plan {
  std::vector<PlanStep> steps;
  // Not empty: what exists cannot be brought into line by steps that we would answer for; how, and what to do.
  std::string refused;
  // The part of the description that it is about ("nodes[1]"); empty: none in particular.
  std::string refused_path;
  // What differs where the description does not speak, or is another's to change; one line each.
  std::vector<std::string> remarks;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PLAN_PLAN_H_
