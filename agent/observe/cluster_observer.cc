#include "agent/observe/cluster_observer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/observe/cib_parser.h"
#include "agent/observe/crm_mon.h"
#include "agent/observe/quorumtool.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

// The tools answer within 50 ms on a healthy node; crmadmin has been seen to hang (pacemaker-facts).
constexpr absl::Duration kToolTimeout = absl::Seconds(5);
constexpr absl::Duration kControllerTimeout = absl::Seconds(3);
constexpr std::size_t kOutputLimitBytes = 4 << 20;
constexpr absl::Duration kDefaultInterval = absl::Seconds(60);
constexpr absl::Duration kShortestInterval = absl::Seconds(1);

Command Tool(std::vector<std::string> argv, absl::Duration timeout) {
  return {.argv = std::move(argv), .timeout = timeout, .output_limit_bytes = kOutputLimitBytes};
}

}  // namespace

ClusterObserver::ClusterObserver(Loop& loop, ProcessRunner& processes, std::function<void(v1::HostChange)> on_change)
    : loop_(loop), processes_(processes), on_change_(std::move(on_change)) {}

void ClusterObserver::SetInterval(absl::Duration interval) {
  interval = interval <= absl::ZeroDuration() ? kDefaultInterval : std::max(interval, kShortestInterval);
  if (interval == interval_) return;
  interval_ = interval;
  ScheduleNext();
}

void ClusterObserver::ScheduleNext() {
  next_.reset();
  if (interval_ <= absl::ZeroDuration()) return;
  next_ = loop_.After(
      interval_, [this] { ReadCluster([] {}); }, interval_ / 12);
}

void ClusterObserver::ReadCluster(std::function<void()> done) {
  Request(&cluster_turn_, std::move(done), &ClusterObserver::BeginCluster);
}

void ClusterObserver::ReadCib(std::function<void()> done) {
  Request(&cib_turn_, std::move(done), &ClusterObserver::BeginCib);
}

void ClusterObserver::Request(Turn* turn, std::function<void()> done, void (ClusterObserver::*begin)()) {
  turn->waiting.push_back(std::move(done));
  if (turn->under_way) return;
  turn->under_way = true;
  turn->served.swap(turn->waiting);
  (this->*begin)();
}

void ClusterObserver::Finish(Turn* turn, void (ClusterObserver::*begin)()) {
  std::vector<std::function<void()>> served;
  served.swap(turn->served);
  turn->under_way = false;
  for (const std::function<void()>& done : served) done();
  if (turn->under_way || turn->waiting.empty()) return;
  turn->under_way = true;
  turn->served.swap(turn->waiting);
  (this->*begin)();
}

void ClusterObserver::BeginCluster() {
  processes_.Run(Tool({"crm_mon", "--one-shot", "--inactive", "--output-as", "xml"}, kToolTimeout),
                 [this](CommandResult result) { TakeCrmMon(std::move(result)); });
}

void ClusterObserver::TakeCrmMon(CommandResult result) {
  reading_.Clear();
  *reading_.mutable_observed_at() = ToProto(absl::Now());
  if (!result.status.ok()) {
    reading_.set_error(absl::StrCat("crm_mon: ", std::string(result.status.message())));
    return EndCluster();
  }
  absl::StatusOr<v1::ClusterFact> parsed = ParseCrmMon(result.out);
  if (!parsed.ok()) {
    reading_.set_error(std::string(parsed.status().message()));
    return EndCluster();
  }
  *parsed->mutable_observed_at() = reading_.observed_at();
  reading_ = *std::move(parsed);
  if (reading_.connected() != v1::ANSWER_YES) return EndCluster();
  AskQuorum();
}

void ClusterObserver::AskQuorum() {
  processes_.Run(Tool({"corosync-quorumtool", "-s"}, kToolTimeout), [this](CommandResult result) {
    if (result.status.ok()) {
      *reading_.mutable_quorum() = ParseQuorumtool(result.exit_code, result.out);
    } else {
      reading_.mutable_quorum()->set_error(absl::StrCat("corosync-quorumtool: ", std::string(result.status.message())));
    }
    AskController();
  });
}

void ClusterObserver::AskController() {
  if (reading_.dc().empty()) return EndCluster();
  processes_.Run(Tool({"crmadmin", absl::StrCat("--status=", reading_.dc()), "--output-as=xml"}, kControllerTimeout),
                 [this](CommandResult result) {
                   if (result.status.ok()) reading_.set_dc_state(ParseControllerState(result.out));
                   // Not told is unknown: neither idle nor busy.
                   if (!reading_.dc_state().empty()) {
                     reading_.set_idle(reading_.dc_state() == "S_IDLE" ? v1::ANSWER_YES : v1::ANSWER_NO);
                   }
                   EndCluster();
                 });
}

void ClusterObserver::EndCluster() {
  cluster_ = reading_;
  v1::HostChange change;
  *change.mutable_cluster() = cluster_;
  on_change_(std::move(change));
  ScheduleNext();
  Finish(&cluster_turn_, &ClusterObserver::BeginCluster);
}

void ClusterObserver::BeginCib() {
  processes_.Run(Tool({"cibadmin", "--query"}, kToolTimeout), [this](CommandResult result) {
    const google::protobuf::Timestamp now = ToProto(absl::Now());
    std::string error;
    if (!result.status.ok()) {
      error = absl::StrCat("cibadmin: ", std::string(result.status.message()));
    } else if (result.exit_code != 0) {
      error =
          absl::StrCat("cibadmin exited with ", result.exit_code, ": ", result.err.substr(0, result.err.find('\n')));
    } else if (absl::StatusOr<v1::CibFact> parsed = ParseCib(result.out); parsed.ok()) {
      cib_ = *std::move(parsed);
    } else {
      error = std::string(parsed.status().message());
    }
    if (!error.empty()) {
      cib_.Clear();
      cib_.set_error(error);
    }
    *cib_.mutable_observed_at() = now;
    v1::HostChange change;
    *change.mutable_cib() = cib_;
    on_change_(std::move(change));
    Finish(&cib_turn_, &ClusterObserver::BeginCib);
  });
}

}  // namespace jettyfleet
