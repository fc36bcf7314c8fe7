#include "coordinator/plan/operation_plan.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/proto_time.h"
#include "coordinator/plan/cib_values.h"

namespace jettyfleet {
namespace {

struct Wanted {
  std::string operation;
  const google::protobuf::Duration* interval = nullptr;  // null: of no interest
  const google::protobuf::Duration* timeout = nullptr;
  std::string on_fail;
};

std::string OrUnset(const std::string& text) { return text.empty() ? "not set" : text; }

// False: it is not set, or no whole number of seconds from one on.
bool WholeSeconds(const std::string& text, google::protobuf::Duration* duration) {
  const int64_t milliseconds = IntervalMilliseconds(text);
  if (milliseconds < 1000 || milliseconds % 1000 != 0) return false;
  duration->set_seconds(milliseconds / 1000);
  return true;
}

void PlanOne(const Wanted& wanted, const v1::PrimitiveFact& found, Plan* plan) {
  const std::vector<const v1::OperationFact*> existing = OperationsNamed(found, wanted.operation);
  const v1::OperationFact none;
  const v1::OperationFact& have = existing.empty() ? none : *existing.front();
  PlanStep step;
  v1::SetOperation* const set = step.action.mutable_set_operation();
  std::vector<std::string> words;
  std::vector<std::string> phrases;
  const auto compare = [&](const char* name, const google::protobuf::Duration* want, const std::string& text,
                           google::protobuf::Duration* target) {
    if (want == nullptr) return false;
    const int64_t want_ms = absl::ToInt64Milliseconds(FromProto(*want));
    if (IntervalMilliseconds(text) == want_ms) return false;
    *target = *want;
    words.push_back(absl::StrCat(name, "=", IntervalText(want_ms)));
    phrases.push_back(absl::StrCat(name, " is ", OrUnset(text)));
    return true;
  };
  google::protobuf::Duration value;
  if (compare("interval", wanted.interval, have.interval(), &value)) *set->mutable_interval() = value;
  if (compare("timeout", wanted.timeout, have.timeout(), &value)) *set->mutable_timeout() = value;
  // Pacemaker restarts an instance whose monitor fails unless it is told otherwise.
  if (!wanted.on_fail.empty() && wanted.on_fail != (have.on_fail().empty() ? "restart" : have.on_fail())) {
    set->set_on_fail(wanted.on_fail);
    words.push_back(absl::StrCat("on-fail=", wanted.on_fail));
    phrases.push_back(absl::StrCat("on-fail is ", OrUnset(have.on_fail())));
  }
  if (words.empty()) return;
  // pcs makes the operation anew from what it is told: what is to stay has to be said as well.
  google::protobuf::Duration kept;
  if (!set->has_interval() && wanted.operation == "monitor" && WholeSeconds(have.interval(), &kept)) {
    *set->mutable_interval() = kept;
  }
  if (!set->has_timeout() && WholeSeconds(have.timeout(), &kept)) *set->mutable_timeout() = kept;
  if (set->on_fail().empty()) set->set_on_fail(have.on_fail());
  set->set_resource(found.id());
  set->set_operation(wanted.operation);
  step.what = absl::StrCat("set ", absl::StrJoin(words, " "), " of ", wanted.operation, " of ", found.id());
  step.found = absl::StrJoin(phrases, ", ");
  plan->steps.push_back(std::move(step));
}

}  // namespace

bool PlanOperations(const v1::ResourceDescription& wanted, const v1::PrimitiveFact& found, Plan* plan) {
  const std::vector<const v1::OperationFact*> monitors = OperationsNamed(found, "monitor");
  if (monitors.size() > 1) {
    std::vector<std::string> intervals;
    for (const v1::OperationFact* const monitor : monitors) intervals.push_back(monitor->interval());
    plan->refused =
        absl::StrCat(found.id(), " has ", monitors.size(), " monitors (interval ", absl::StrJoin(intervals, ", "),
                     "); remove all but one with pcs resource op remove ", found.id(), " monitor interval=…");
    return false;
  }
  PlanOne({"monitor", &wanted.monitor_interval(), wanted.has_monitor_timeout() ? &wanted.monitor_timeout() : nullptr,
           wanted.on_fail()},
          found, plan);
  PlanOne({"start", nullptr, wanted.has_start_timeout() ? &wanted.start_timeout() : nullptr, ""}, found, plan);
  PlanOne({"stop", nullptr, wanted.has_stop_timeout() ? &wanted.stop_timeout() : nullptr, ""}, found, plan);
  return true;
}

}  // namespace jettyfleet
