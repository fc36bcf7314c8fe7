#include "coordinator/apply/action_flight.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kActionTimeout = absl::Seconds(60);
// On top of the agent's own deadline, for the way there and back.
constexpr absl::Duration kAnswerSlack = absl::Seconds(5);

}  // namespace

ActionFlight::ActionFlight(Names names, Journal* journal, Send send)
    : names_(std::move(names)), journal_(journal), send_(std::move(send)) {}

absl::Status ActionFlight::Issue(const std::string& host, v1::Action action, uint64_t epoch, absl::Time now) {
  return Launch(host, std::move(action), epoch, true, now);
}

absl::Status ActionFlight::Ask(const std::string& host, v1::Action action, uint64_t epoch, absl::Time now) {
  return Launch(host, std::move(action), epoch, false, now);
}

absl::Status ActionFlight::Launch(const std::string& host, v1::Action action, uint64_t epoch, bool recorded,
                                  absl::Time now) {
  // A coordinator that takes the apply up again has an epoch of its own, so no id is used twice.
  action.set_id(absl::StrCat(names_.id, recorded ? "/" : "/look-", epoch, "-", ++count_));
  action.set_epoch(epoch);
  action.set_operation_id(names_.id);
  *action.mutable_timeout() = ToProto(kActionTimeout);
  if (recorded) {
    std::vector<v1::JournalRecord> records(1);
    *records[0].mutable_at() = ToProto(now);
    records[0].set_cluster(names_.cluster);
    records[0].set_operation_id(names_.id);
    records[0].set_who(names_.who);
    records[0].set_why(names_.why);
    records[0].mutable_action_issued()->set_host(host);
    *records[0].mutable_action_issued()->mutable_action() = action;
    const bool undo = action.has_release_lock() ||
                      (action.has_set_lb_server() && action.set_lb_server().state() == v1::LbServerFact::ADMIN_STATE_READY);
    const absl::Status kept = journal_->Append(&records, undo ? RecordUse::kUndo : RecordUse::kOrdinary);
    if (!kept.ok() && !undo) return kept;
  }
  if (!send_(host, action)) return absl::UnavailableError(absl::StrCat("the agent on ", host, " is not connected"));
  action_id_ = action.id();
  host_ = host;
  recorded_ = recorded;
  sent_at_ = now;
  deadline_ = now + kActionTimeout + kAnswerSlack;
  return absl::OkStatus();
}

std::optional<v1::ActionResult> ActionFlight::Take(const ClusterView& view, absl::Time now) {
  v1::ActionResult result;
  const auto node = view.nodes.find(host_);
  const auto balancer = view.load_balancers.find(host_);
  const HostView* const host = node != view.nodes.end()               ? &node->second
                               : balancer != view.load_balancers.end() ? &balancer->second
                                                                      : nullptr;
  const bool stream_broke = host != nullptr && (!host->connected || host->connected_at > sent_at_);
  if (const auto found = view.results.find(action_id_); found != view.results.end()) {
    result = found->second;
  } else if (stream_broke || now > deadline_) {
    result.set_action_id(action_id_);
    result.set_outcome(v1::ActionResult::OUTCOME_TIMED_OUT);
    result.set_message(stream_broke ? absl::StrCat("the connection to the agent on ", host_, " broke")
                                    : absl::StrCat("no answer from the agent on ", host_));
  } else {
    return std::nullopt;
  }
  if (recorded_) {
    std::vector<v1::JournalRecord> records(1);
    *records[0].mutable_at() = ToProto(now);
    records[0].set_cluster(names_.cluster);
    records[0].set_operation_id(names_.id);
    records[0].set_who(names_.who);
    *records[0].mutable_action_ended()->mutable_result() = result;
    // Its loss would lose no more than a line of history: the next step reads the CIB, not the journal.
    if (const absl::Status kept = journal_->Append(&records, RecordUse::kUndo); !kept.ok()) {
      LogError(absl::StrCat(names_.id, ": the end of ", action_id_, " is not in the journal: ", kept.message()));
    }
  }
  action_id_.clear();
  return result;
}

}  // namespace jettyfleet
