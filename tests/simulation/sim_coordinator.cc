#include "tests/simulation/sim_coordinator.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kProbeInterval = absl::Milliseconds(250);
constexpr absl::Duration kObserveTimeout = absl::Seconds(10);

bool Covers(const v1::Observe& under_way, const v1::Observe& wanted) {
  return under_way.cluster() >= wanted.cluster() && under_way.cib() >= wanted.cib() &&
         under_way.units() >= wanted.units() && under_way.http() >= wanted.http() &&
         under_way.lb_servers() >= wanted.lb_servers();
}

}  // namespace

SimCoordinator::SimCoordinator(EventQueue* events, History* history, MemoryJournal* journal,
                               std::map<std::string, std::unique_ptr<SimAgent>>* agents, SimBalancer* balancer,
                               const v1::ClusterDescription& description, uint64_t epoch, const std::string& own_node,
                               OperationRunner::Decider decide)
    : events_(events),
      history_(history),
      journal_(journal),
      agents_(agents),
      balancer_(balancer),
      decide_(std::move(decide)),
      registry_(kSimCoordinator, epoch, own_node) {
  registry_.SetDescription(description);
}

HostKey SimCoordinator::KeyOf(const std::string& host) const {
  return host == kSimBalancer ? HostKey{"", host} : HostKey{kSimCluster, host};
}

absl::Status SimCoordinator::Begin(const std::string& operation_id, const v1::DrillSpec& spec) {
  v1::JournalRecord began;
  *began.mutable_at() = ToProto(events_->WallNow());
  began.set_cluster(kSimCluster);
  began.set_operation_id(operation_id);
  began.set_who(spec.who());
  began.set_why(spec.why());
  *began.mutable_operation_began()->mutable_spec() = spec;
  auto runner = std::make_unique<OperationRunner>(*journal_, *this, *events_, decide_);
  const absl::Status status = runner->Begin(std::move(began));
  if (status.ok()) {
    runner_ = std::move(runner);
    Dirty();
  }
  return status;
}

absl::Status SimCoordinator::Resume() {
  const auto unfinished = UnfinishedOperations(*journal_);
  if (!unfinished.ok()) return unfinished.status();
  if (unfinished->empty()) return absl::OkStatus();
  runner_ = std::make_unique<OperationRunner>(*journal_, *this, *events_, decide_);
  const absl::Status status = runner_->Resume(unfinished->front(), kSimCoordinator, view().epoch);
  Dirty();
  return status;
}

void SimCoordinator::Abort(const std::string& who_why) {
  if (runner_ == nullptr || dead_) return;
  view().abort_requests[runner_->operation().id] = who_why;
  Dirty();
}

void SimCoordinator::Dirty() {
  if (dirty_ || dead_) return;
  dirty_ = true;
  events_->At(std::max(events_->WallNow(), stepped_at_ + decision_time), [this] {
    dirty_ = false;
    Step();
  });
}

void SimCoordinator::Step() {
  if (dead_ || runner_ == nullptr || runner_->ended()) return;
  stepped_at_ = events_->WallNow();
  const absl::Status status = runner_->Step(view());
  if (!status.ok() && !dead_)
    history_->Add(events_->WallNow(), HistoryEvent::kNotAtRest, std::string(status.message()));
}

void SimCoordinator::Send(const SendAction& action) {
  if (dead_) return;
  const auto note = [&](const SendAction& sent) {
    HistoryEvent& event = history_->Add(events_->WallNow(), HistoryEvent::kSent);
    event.action = sent.action;
    event.host = sent.host;
    event.undo = sent.undo;
  };
  note(action);
  if (sends_unrecorded) {
    SendAction more = action;
    more.action.set_id(absl::StrCat(action.action.id(), "-more"));
    note(more);
  }
  const auto agent = agents_->find(action.host);
  if (agent != agents_->end() && agent->second->connected()) {
    acting_[action.action.id()] = action.host;
    v1::CoordinatorMessage message;
    *message.mutable_action() = action.action;
    agent->second->Receive(message);
  }
  if (dies_after_sends.has_value() && --*dies_after_sends <= 0) Die();
}

void SimCoordinator::Observe(const ObserveHost& observe) {
  if (dead_) return;
  const auto agent = agents_->find(observe.host);
  if (agent == agents_->end() || !agent->second->connected()) return;
  v1::Observe wanted;
  wanted.set_cluster(observe.cluster);
  wanted.set_cib(observe.cib);
  wanted.set_units(observe.units);
  wanted.set_http(observe.http);
  wanted.set_lb_servers(observe.lb_servers);
  const absl::Time now = events_->WallNow();
  for (const auto& [id, under_way] : observing_) {
    if (under_way.host == observe.host && Covers(under_way.observe, wanted) &&
        now - under_way.sent_at < kObserveTimeout) {
      return;
    }
  }
  wanted.set_id(next_observe_++);
  observing_[wanted.id()] = {observe.host, wanted, now};
  v1::CoordinatorMessage message;
  *message.mutable_observe() = wanted;
  agent->second->Receive(message);
}

void SimCoordinator::Traffic(const TrafficCommand& command) {
  if (dead_) return;
  TrafficView& traffic = view().traffic;
  switch (command.kind) {
    case TrafficCommand::kStart:
      if (traffic.running) return;
      traffic.running = true;
      traffic.windows[""];
      Probe();
      return;
    case TrafficCommand::kWindow:
      window_ = command.window;
      return;
    case TrafficCommand::kStop:
      traffic.running = false;
      Dirty();
      return;
  }
}

void SimCoordinator::Probe() {
  events_->After(kProbeInterval, [this] {
    if (dead_ || !view().traffic.running) return;
    const bool served = balancer_->Request();
    for (const std::string& window : {std::string(), window_}) {
      v1::TrafficSummary& summary = view().traffic.windows[window];
      summary.set_requests(summary.requests() + 1);
      if (!served) summary.set_failures(summary.failures() + 1);
      if (window_.empty()) break;
    }
    if (!served) Dirty();
    Probe();
  });
}

void SimCoordinator::WakeAt(const std::string& /*operation_id*/, absl::Time time) {
  if (dead_) return;
  const uint64_t wake = ++wake_;
  events_->At(time, [this, wake] {
    if (wake == wake_) Dirty();
  });
}

void SimCoordinator::OnConnected(const std::string& host, uint64_t restart_sequence) {
  if (dead_) return;
  v1::Hello hello;
  hello.set_restart_sequence(restart_sequence);
  registry_.Connected(KeyOf(host), hello, events_->WallNow());
  Dirty();
}

void SimCoordinator::OnDisconnected(const std::string& host) {
  if (dead_) return;
  registry_.Disconnected(KeyOf(host), events_->WallNow());
  std::erase_if(observing_, [&host](const auto& entry) { return entry.second.host == host; });
  for (const auto& [id, told] : acting_) {
    if (told != host || view().results.count(id) > 0) continue;
    // As the server reports an agent that went away with an action.
    v1::ActionResult result;
    result.set_action_id(id);
    result.set_outcome(v1::ActionResult::OUTCOME_TIMED_OUT);
    result.set_message("outcome unknown");
    view().results[id] = result;
  }
  Dirty();
}

void SimCoordinator::OnMessage(const std::string& host, const v1::AgentMessage& message) {
  if (dead_) return;
  const absl::Time now = events_->WallNow();
  switch (message.kind_case()) {
    case v1::AgentMessage::kSnapshot:
      registry_.TakeSnapshot(KeyOf(host), message.snapshot(), now);
      break;
    case v1::AgentMessage::kChange:
      registry_.TakeChange(KeyOf(host), message.change(), now);
      break;
    case v1::AgentMessage::kResult:
      view().results[message.result().action_id()] = message.result();
      break;
    case v1::AgentMessage::kObserveDone: {
      const auto asked = observing_.find(message.observe_done().id());
      if (asked == observing_.end()) break;
      registry_.TakeObserved(KeyOf(host), asked->second.observe, asked->second.sent_at, now);
      observing_.erase(asked);
      break;
    }
    case v1::AgentMessage::kHello:
    case v1::AgentMessage::kPong:
    case v1::AgentMessage::KIND_NOT_SET:
      break;
  }
  Dirty();
}

std::string SimCoordinator::DifferenceFromJournal() const {
  if (runner_ == nullptr) return "";
  Operation replayed;
  for (const v1::JournalRecord& record : journal_->RecordsOf(runner_->operation().id)) {
    const absl::Status status = Apply(record, &replayed);
    if (!status.ok()) return std::string(status.message());
  }
  const std::string live = DescribeOperation(runner_->operation());
  const std::string rebuilt = DescribeOperation(replayed);
  return live == rebuilt ? "" : absl::StrCat("live:\n", live, "\nrebuilt from the journal:\n", rebuilt);
}

namespace {

// Equal for equal messages: maps have an order of their own otherwise.
std::string Bytes(const google::protobuf::MessageLite& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream out(&bytes);
  google::protobuf::io::CodedOutputStream coded(&out);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

}  // namespace

std::string DescribeOperation(const Operation& operation) {
  std::string text = absl::StrCat(operation.id, " stop=", operation.stop.has_value() ? operation.stop->reason() : "-",
                                  " resumes=", operation.resumes, " ended=", operation.end.has_value(), "\n");
  absl::StrAppend(&text, "paused by ", operation.paused_by, " audit@", absl::ToUnixNanos(operation.audit_began_at), " ",
                  operation.audit.has_value() ? Bytes(*operation.audit) : "", "\n");
  for (const std::string& node : operation.nodes) absl::StrAppend(&text, node, " ");
  for (const NodeVisit& visit : operation.visits) {
    absl::StrAppend(&text, "\nvisit ", visit.node, " step ", visit.step, " ended ", visit.ended);
    for (const auto& [step, at] : visit.entered) absl::StrAppend(&text, " e", step, "@", absl::ToUnixNanos(at));
    for (const auto& [step, at] : visit.reached) absl::StrAppend(&text, " r", step, "@", absl::ToUnixNanos(at));
    if (visit.audit_baseline.has_value()) absl::StrAppend(&text, " b", Bytes(*visit.audit_baseline));
    if (visit.predicted.has_value()) absl::StrAppend(&text, " p", Bytes(*visit.predicted));
    if (visit.audit.has_value()) absl::StrAppend(&text, " a", Bytes(*visit.audit));
  }
  for (const IssuedAction& action : operation.actions) {
    absl::StrAppend(&text, "\naction ", action.action.id(), " on ", action.host, " undo ", action.undo, " ended ",
                    action.ended, " unanswered ", action.unanswered, " outcome ", action.result.outcome());
  }
  return text;
}

}  // namespace jettyfleet
