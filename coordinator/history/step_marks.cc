#include "coordinator/history/step_marks.h"

#include <algorithm>
#include <map>

#include "absl/time/time.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

void AddMarks(const std::string& node, const std::map<v1::NodeStep, absl::Time>& times, bool seen,
              std::vector<v1::StepMark>* marks) {
  for (const auto& [step, at] : times) {
    v1::StepMark& mark = marks->emplace_back();
    *mark.mutable_at() = ToProto(at);
    mark.set_node(node);
    mark.set_step(step);
    mark.set_seen(seen);
  }
}

}  // namespace

std::vector<v1::StepMark> StepMarks(const Operation& operation) {
  std::vector<v1::StepMark> marks;
  for (const NodeVisit& visit : operation.visits) {
    AddMarks(visit.node, visit.entered, /*seen=*/false, &marks);
    AddMarks(visit.node, visit.reached, /*seen=*/true, &marks);
  }
  std::stable_sort(marks.begin(), marks.end(), [](const v1::StepMark& one, const v1::StepMark& other) {
    return FromProto(one.at()) < FromProto(other.at());
  });
  return marks;
}

}  // namespace jettyfleet
