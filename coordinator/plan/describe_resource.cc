#include "coordinator/plan/describe_resource.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/description/resource_check.h"
#include "common/proto_time.h"
#include "coordinator/plan/cib_values.h"

namespace jettyfleet {
namespace {

using Remarks = std::vector<std::string>;

constexpr absl::Duration kUsualMonitorInterval = absl::Seconds(10);
constexpr absl::Duration kLongestOperation = absl::Hours(1);
constexpr absl::Duration kLongestFailureTimeout = absl::Hours(24);
constexpr uint32_t kMostClones = 1024;
constexpr uint32_t kInfinity = 1'000'000;

// Nothing where the CIB states nothing, or, with a remark, what a description cannot say. `what` is "timeout of start".
std::optional<google::protobuf::Duration> Seconds(const std::string& id, const std::string& what,
                                                  const std::string& text, absl::Duration most, Remarks* remarks) {
  if (text.empty()) return std::nullopt;
  const int64_t milliseconds = IntervalMilliseconds(text);
  if (milliseconds >= 1000 && milliseconds % 1000 == 0 && absl::Milliseconds(milliseconds) <= most) {
    return ToProto(absl::Milliseconds(milliseconds));
  }
  remarks->push_back(absl::StrCat(id, ": ", what, " is \"", text,
                                  "\", and a description can only say whole seconds, 1s to ",
                                  absl::FormatDuration(most)));
  return std::nullopt;
}

void DescribeMonitor(const v1::PrimitiveFact& found, v1::ResourceDescription* resource, Remarks* remarks) {
  *resource->mutable_monitor_interval() = ToProto(kUsualMonitorInterval);
  const std::vector<const v1::OperationFact*> monitors = OperationsNamed(found, "monitor");
  const std::string& text = monitors.empty() ? found.monitor_interval() : monitors.front()->interval();
  const auto interval = Seconds(found.id(), "interval of monitor", text, kLongestOperation, remarks);
  if (interval.has_value()) *resource->mutable_monitor_interval() = *interval;
  if (monitors.empty()) return;
  const v1::OperationFact& monitor = *monitors.front();
  const auto timeout = Seconds(found.id(), "timeout of monitor", monitor.timeout(), kLongestOperation, remarks);
  if (timeout.has_value()) *resource->mutable_monitor_timeout() = *timeout;
  if (IsOnFail(monitor.on_fail())) {
    resource->set_on_fail(monitor.on_fail());
  } else if (!monitor.on_fail().empty()) {
    remarks->push_back(absl::StrCat(found.id(), ": on-fail=", monitor.on_fail(),
                                    " of monitor cannot be described; apply leaves it as it is"));
  }
}

void DescribeOperations(const v1::PrimitiveFact& found, v1::ResourceDescription* resource, Remarks* remarks) {
  DescribeMonitor(found, resource, remarks);
  std::set<std::string> seen;
  for (const v1::OperationFact& operation : found.operations()) {
    const std::string& name = operation.name();
    const bool first = seen.insert(name).second;
    const auto leave = [&](const std::string& what) {
      remarks->push_back(absl::StrCat(found.id(), ": ", what, " cannot be described; apply leaves it as it is"));
    };
    if (name == "monitor") {
      if (!operation.role().empty()) leave(absl::StrCat("role=", operation.role(), " of monitor"));
      continue;
    }
    if ((name != "start" && name != "stop") || !first) {
      leave(absl::StrCat("operation ", name, " (interval ", operation.interval(), ")"));
      continue;
    }
    const auto timeout =
        Seconds(found.id(), absl::StrCat("timeout of ", name), operation.timeout(), kLongestOperation, remarks);
    if (timeout.has_value()) {
      *(name == "start" ? resource->mutable_start_timeout() : resource->mutable_stop_timeout()) = *timeout;
    }
    if (!operation.on_fail().empty()) leave(absl::StrCat("on-fail=", operation.on_fail(), " of ", name));
  }
}

void DescribePrimitiveMeta(const v1::PrimitiveFact& found, v1::ResourceDescription* resource, Remarks* remarks) {
  for (const v1::MetaAttribute& meta : found.meta()) {
    uint32_t number = 0;
    if (meta.name() == "migration-threshold") {
      // INFINITY is what Pacemaker does where nothing is set.
      if (meta.value() == "INFINITY") continue;
      if (absl::SimpleAtoi(meta.value(), &number) && number >= 1 && number <= kInfinity) {
        resource->set_migration_threshold(number);
        continue;
      }
    } else if (meta.name() == "failure-timeout") {
      const auto timeout = Seconds(found.id(), "failure-timeout", meta.value(), kLongestFailureTimeout, remarks);
      if (timeout.has_value()) *resource->mutable_failure_timeout() = *timeout;
      continue;
    } else if (meta.name() == "is-managed" || meta.name() == "target-role" || meta.name() == "clone-max" ||
               meta.name() == "clone-node-max" || meta.name() == "interleave" || meta.name() == "ordered") {
      continue;  // where they are not as they should be, the plan has a step
    }
    remarks->push_back(absl::StrCat(found.id(), ": meta attribute ", meta.name(), "=", meta.value(),
                                    " cannot be described; apply leaves it as it is"));
  }
}

void DescribeClone(const v1::PrimitiveFact& found, NodeCounts nodes, v1::ResourceDescription* resource,
                   Remarks* remarks) {
  resource->set_clone_node_max(1);  // the only value: ports are fixed
  for (const v1::MetaAttribute& meta : found.clone_meta()) {
    if (meta.name() == "clone-max") {
      uint32_t most = nodes.allowed < nodes.all ? static_cast<uint32_t>(nodes.allowed) : kMostClones;
      uint32_t number = 0;
      if (absl::SimpleAtoi(meta.value(), &number) && number <= most) resource->set_clone_max(number);
    } else if (meta.name() == "interleave") {
      resource->set_interleave(IsTrue(meta.value()) ? v1::ANSWER_YES : v1::ANSWER_NO);
    } else if (meta.name() == "ordered") {
      resource->set_ordered(IsTrue(meta.value()) ? v1::ANSWER_YES : v1::ANSWER_NO);
    } else if (meta.name() != "clone-node-max" && meta.name() != "is-managed" && meta.name() != "target-role") {
      remarks->push_back(absl::StrCat(found.clone(), ": meta attribute ", meta.name(), "=", meta.value(),
                                      " of the clone cannot be described; apply leaves it as it is"));
    }
  }
}

void DescribeMinServing(const v1::ResourceDescription* known, NodeCounts nodes, v1::ResourceDescription* resource,
                        Remarks* remarks) {
  const uint32_t wanted = known == nullptr ? 1 : known->min_serving();
  const uint32_t instances = resource->clone_max() > 0
                                 ? std::min(resource->clone_max(), static_cast<uint32_t>(nodes.allowed))
                                 : static_cast<uint32_t>(nodes.allowed);
  resource->set_min_serving(instances == 0 ? 0 : std::min(wanted, instances - 1));
  if (resource->min_serving() == wanted) return;
  remarks->push_back(absl::StrCat(resource->name(), ": min_serving is ", resource->min_serving(), " instead of ",
                                  wanted, ", because there are only ", instances, " instances"));
}

}  // namespace

v1::ResourceDescription DescribeResource(const v1::PrimitiveFact& found, const v1::ResourceDescription* known,
                                         NodeCounts nodes, std::vector<std::string>* remarks) {
  v1::ResourceDescription resource;
  resource.set_name(found.id());
  resource.set_unit(found.type());
  DescribeOperations(found, &resource, remarks);
  DescribePrimitiveMeta(found, &resource, remarks);
  DescribeClone(found, nodes, &resource, remarks);
  DescribeMinServing(known, nodes, &resource, remarks);
  if (known == nullptr) return resource;
  if (known->has_paths()) *resource.mutable_paths() = known->paths();
  if (known->has_sessions()) *resource.mutable_sessions() = known->sessions();
  if (known->has_identity()) *resource.mutable_identity() = known->identity();
  if (known->has_parallel_safe()) *resource.mutable_parallel_safe() = known->parallel_safe();
  return resource;
}

}  // namespace jettyfleet
