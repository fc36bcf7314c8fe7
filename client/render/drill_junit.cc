#include "client/render/drill_junit.h"

#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/render/junit.h"
#include "client/render/operation_words.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

using Result = JunitCase::Result;

void Add(const char* name, const std::string& value, JunitCase* out) { out->properties.emplace_back(name, value); }

void AddSpan(const char* name, bool measured, const google::protobuf::Duration& span, JunitCase* out) {
  if (measured) Add(name, absl::StrFormat("%.3f", absl::ToDoubleSeconds(FromProto(span))), out);
}

// `prefix` tells the traffic before a visit from that during it.
void AddTraffic(const std::string& prefix, const v1::TrafficSummary& traffic, JunitCase* out) {
  const auto add = [&](const std::string& name, uint64_t value) {
    out->properties.emplace_back(absl::StrCat(prefix, name), absl::StrCat(value));
  };
  add("requests", traffic.requests());
  add("requests_failed", traffic.failures());
  // Sorted: a protobuf map has no order of its own.
  const std::map<std::string, uint64_t> kinds(traffic.failures_by_kind().begin(), traffic.failures_by_kind().end());
  for (const auto& [kind, count] : kinds) add(absl::StrCat("requests_failed_", kind), count);
  add("requests_not_sent", traffic.not_sent());
  add("p50_us", traffic.p50_us());
  add("p99_us", traffic.p99_us());
  add("max_us", traffic.max_us());
  add("longest_gap_ms", traffic.longest_gap_ms());
  add("sessions_kept", traffic.sessions_kept());
  add("sessions_moved", traffic.sessions_moved());
  add("sessions_regressed", traffic.sessions_regressed());
  add("sessions_lost", traffic.sessions_lost());
}

void AddTimes(const v1::NodeReport& node, JunitCase* out) {
  AddSpan("drain_seconds", node.has_drain(), node.drain(), out);
  AddSpan("noticed_seconds", node.has_noticed(), node.noticed(), out);
  AddSpan("leave_seconds", node.has_leave(), node.leave(), out);
  AddSpan("new_dc_seconds", node.has_new_dc(), node.new_dc(), out);
  AddSpan("return_cluster_seconds", node.has_return_cluster(), node.return_cluster(), out);
  AddSpan("return_unit_seconds", node.has_return_unit(), node.return_unit(), out);
  AddSpan("return_port_seconds", node.has_return_port(), node.return_port(), out);
  AddSpan("return_http_seconds", node.has_return_http(), node.return_http(), out);
  AddSpan("return_lb_seconds", node.has_return_lb(), node.return_lb(), out);
  AddSpan("return_idle_seconds", node.has_return_idle(), node.return_idle(), out);
}

void Judge(Result result, const std::string& type, const std::string& message, JunitCase* out) {
  out->result = result;
  out->type = type;
  out->message = message;
  out->body = message;
}

std::string ClassName(const v1::DrillSpec& spec) {
  return absl::StrCat(spec.cluster(), ".", ScenarioName(spec.scenario()));
}

std::string TypeOf(v1::OperationState state) { return absl::AsciiStrToLower(StateCell(state).text); }

JunitCase NodeCase(const v1::OperationReport& report, const v1::NodeReport& node) {
  JunitCase out;
  out.classname = ClassName(report.spec());
  out.name = node.node();
  if (node.has_began_at() && node.has_ended_at()) out.took = FromProto(node.ended_at()) - FromProto(node.began_at());
  if (node.was_dc()) Add("was_dc", "true", &out);
  if (!node.instance_went_to().empty()) Add("instance_went_to", node.instance_went_to(), &out);
  AddTimes(node, &out);
  if (node.has_baseline()) AddTraffic("before_", node.baseline(), &out);
  if (node.has_traffic()) AddTraffic("", node.traffic(), &out);

  const bool ended = HasEnded(report.state());
  const bool visited = node.step() != v1::NODE_STEP_UNSPECIFIED && node.step() != v1::NODE_STEP_WAITING;
  if (!node.problem().empty()) {
    Judge(Result::kFailure, TypeOf(report.state()), node.problem(), &out);
  } else if (node.step() == v1::NODE_STEP_DONE) {
    return out;
  } else if (!ended) {
    Judge(Result::kError, TypeOf(report.state()),
          absl::StrCat("not known yet: the drill still runs (", StepName(node.step()), ")"), &out);
  } else if (!visited) {
    Judge(Result::kSkipped, "", "the drill ended before it came to this node", &out);
  } else {
    Judge(Result::kError, TypeOf(report.state()),
          absl::StrCat("not known: the last that was recorded is ", StepName(node.step())), &out);
  }
  return out;
}

void AddBudget(const v1::TrafficBudget& budget, JunitCase* out) {
  if (budget.has_failed_requests()) Add("budget_requests_failed", absl::StrCat(budget.failed_requests()), out);
  if (budget.longest_gap_ms() > 0) Add("budget_longest_gap_ms", absl::StrCat(budget.longest_gap_ms()), out);
  if (!budget.judge_sessions()) return;
  Add("budget_sessions_lost", absl::StrCat(budget.lost_sessions()), out);
  Add("budget_sessions_regressed", absl::StrCat(budget.regressed_sessions()), out);
}

JunitCase WholeCase(const v1::OperationReport& report) {
  JunitCase out;
  out.classname = ClassName(report.spec());
  out.name = "end and budget";
  if (report.has_ended_at()) out.took = FromProto(report.ended_at()) - FromProto(report.began_at());
  AddBudget(report.spec().budget(), &out);
  if (report.has_traffic()) AddTraffic("", report.traffic(), &out);
  out.output = absl::StrJoin(report.remarks(), "\n");
  const std::string type = TypeOf(report.state());
  if (!HasEnded(report.state())) {
    Judge(Result::kError, type, "not known yet: the drill still runs", &out);
  } else if (report.state() != v1::OPERATION_STATE_PASSED) {
    Judge(Result::kFailure, type, report.reason().empty() ? absl::StrCat(type, ", without a reason") : report.reason(),
          &out);
  } else if (report.traffic().requests() == 0) {
    Judge(Result::kSkipped, "", "no traffic was sent, so what clients felt is not known", &out);
  }
  return out;
}

}  // namespace

std::string RenderDrillJunit(const v1::OperationReport& report, absl::Time now) {
  JunitSuite suite;
  suite.name = absl::StrCat("jettyfleet drill ", report.id());
  suite.at = FromProto(report.began_at());
  suite.took = (report.has_ended_at() ? FromProto(report.ended_at()) : now) - suite.at;
  for (const v1::NodeReport& node : report.nodes()) suite.cases.push_back(NodeCase(report, node));
  suite.cases.push_back(WholeCase(report));
  return RenderJunit(suite);
}

}  // namespace jettyfleet
