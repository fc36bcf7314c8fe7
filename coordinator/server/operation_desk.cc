#include "coordinator/server/operation_desk.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/log.h"
#include "common/proto_time.h"
#include "coordinator/history/seconds_keeper.h"
#include "coordinator/history/step_marks.h"
#include "coordinator/rolling/operation.h"
#include "coordinator/rolling/report.h"
#include "coordinator/rolling/spec.h"
#include "coordinator/runner/dispatcher.h"
#include "coordinator/server/grpc_status.h"
#include "coordinator/server/operation_id.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kTick = absl::Milliseconds(250);
// A watcher hears at least this often.
constexpr absl::Duration kTellAgain = absl::Seconds(1);
constexpr std::size_t kMostListed = 200;

}  // namespace

struct OperationDesk::Running final : Dispatcher {
  Running(OperationDesk& the_desk, std::string the_cluster)
      : desk(the_desk), cluster(std::move(the_cluster)), runner(the_desk.journal_, *this, the_desk.clock_), seconds(the_desk.history_, the_desk.clock_) {}

  void Send(const SendAction& action) override {
    if (!desk.agents_.Send(cluster, action.host, action.action)) {
      LogWarning(absl::StrCat("action ", action.action.id(), " was not sent: no agent on ", action.host));
    }
  }

  void Observe(const ObserveHost& wanted) override {
    v1::Observe observe;
    observe.set_cluster(wanted.cluster);
    observe.set_cib(wanted.cib);
    observe.set_units(wanted.units);
    observe.set_http(wanted.http);
    observe.set_lb_servers(wanted.lb_servers);
    desk.agents_.Observe(cluster, wanted.host, observe);
  }

  void Traffic(const TrafficCommand& command) override {
    switch (command.kind) {
      case TrafficCommand::kStart: {
        const v1::TrafficDescription& traffic = desk.registry_.Find(cluster)->description.traffic();
        if (probe != nullptr || traffic.url().empty()) return;
        probe = desk.make_probe_();
        if (const absl::Status started = probe->Start(traffic); !started.ok()) {
          // The engine sees that no traffic runs and says so in its report.
          LogWarning(absl::StrCat("no traffic probe: ", std::string(started.message())));
          probe.reset();
        }
        return;
      }
      case TrafficCommand::kWindow:
        if (probe != nullptr) probe->EnterWindow(command.window);
        return;
      case TrafficCommand::kStop:
        if (probe != nullptr) probe->Stop();
        return;
    }
  }

  void WakeAt(const std::string&, absl::Time time) override {
    if (time >= wake_at && wake_at > desk.clock_.WallNow()) return;
    wake_at = time;
    desk.core_.PostAfter(std::max(absl::ZeroDuration(), time - desk.clock_.WallNow()),
                         [&core_desk = desk, name = cluster] { core_desk.OnChanged(name); });
  }

  OperationDesk& desk;
  const std::string cluster;
  OperationRunner runner;
  std::unique_ptr<TrafficProbe> probe;
  SecondsKeeper seconds;
  absl::Time wake_at = absl::InfiniteFuture();
  std::vector<std::shared_ptr<WatchStream>> watchers;
  absl::Time told_at = absl::InfinitePast();
  std::string told;
};

OperationDesk::OperationDesk(CoreLoop& core, Registry& registry, AgentDesk& agents, Journal& journal,
                             HistoryStore& history, const Clock& clock, UnderWay under_way, ProbeFactory make_probe)
    : core_(core),
      registry_(registry),
      agents_(agents),
      journal_(journal),
      history_(history),
      clock_(clock),
      under_way_(std::move(under_way)),
      make_probe_(std::move(make_probe)) {}

OperationDesk::~OperationDesk() = default;

absl::Status OperationDesk::Resume(const std::string& coordinator_uuid, uint64_t epoch) {
  absl::StatusOr<std::vector<std::vector<v1::JournalRecord>>> unfinished = UnfinishedOperations(journal_);
  if (!unfinished.ok()) return unfinished.status();
  for (const std::vector<v1::JournalRecord>& records : *unfinished) {
    const std::string& cluster = records.front().cluster();
    auto running = std::make_unique<Running>(*this, cluster);
    if (const absl::Status resumed = running->runner.Resume(records, coordinator_uuid, epoch); !resumed.ok()) {
      return resumed;
    }
    running->seconds.Resume(records.front().operation_id());
    LogInfo(absl::StrCat("operation ", records.front().operation_id(), " on ", cluster, " is taken up again"));
    follower_(running->runner.operation());
    registry_.Expect(cluster);
    running_[cluster] = std::move(running);
    core_.Post([this, cluster] { Tick(cluster); });
  }
  return absl::OkStatus();
}

std::string OperationDesk::RunningOn(const std::string& cluster) const {
  const auto found = running_.find(cluster);
  return found == running_.end() ? "" : found->second->runner.operation().id;
}

grpc::Status OperationDesk::Start(v1::DrillSpec spec, std::string* operation_id) {
  const ClusterView& view = *registry_.Find(spec.cluster());
  if (const auto running = running_.find(spec.cluster()); running != running_.end()) {
    const Operation& operation = running->second->runner.operation();
    return {grpc::StatusCode::FAILED_PRECONDITION,
            absl::StrCat("operation ", operation.id, " of ", operation.spec.who(), " holds cluster ", spec.cluster(),
                         "; wait for its end (jettyfleet drill watch) or abort it (jettyfleet drill abort ",
                         operation.id, ")")};
  }
  if (restoring_.contains(spec.cluster())) {
    return {grpc::StatusCode::FAILED_PRECONDITION, "a restore is under way; wait for its end"};
  }
  if (const std::string other = under_way_(spec.cluster()); !other.empty()) {
    return {grpc::StatusCode::FAILED_PRECONDITION,
            absl::StrCat(other, " is under way on ", spec.cluster(), "; wait for its end")};
  }
  FillDefaults(view.description, &spec);
  if (const absl::Status valid = CheckSpec(view.description, spec); !valid.ok()) return ToGrpc(valid);
  for (const std::string& node : spec.nodes()) {
    if (!view.nodes.contains(node)) {
      return {grpc::StatusCode::INVALID_ARGUMENT,
              absl::StrCat("cluster ", spec.cluster(), " has no node ", node, " with an agent; it has ",
                           absl::StrJoin(view.nodes, ", ",
                                         [](std::string* out, const auto& entry) { out->append(entry.first); }))};
    }
  }
  const absl::Time now = clock_.WallNow();
  v1::JournalRecord began;
  *began.mutable_at() = ToProto(now);
  began.set_cluster(spec.cluster());
  began.set_operation_id(NewOperationId(spec.has_rollout() ? "ro" : "d", now));
  began.set_who(spec.who());
  began.set_why(spec.why());
  *began.mutable_operation_began()->mutable_spec() = spec;
  auto running = std::make_unique<Running>(*this, spec.cluster());
  if (const absl::Status begun = running->runner.Begin(began); !begun.ok()) return ToGrpc(begun);
  *operation_id = began.operation_id();
  follower_(running->runner.operation());
  running_[spec.cluster()] = std::move(running);
  core_.Post([this, cluster = spec.cluster()] { Tick(cluster); });
  return grpc::Status::OK;
}

grpc::Status OperationDesk::Abort(const std::string& cluster, const std::string& operation_id, const std::string& who,
                                  const std::string& why, std::string* aborted_id) {
  for (const auto& [name, running] : running_) {
    const std::string& id = running->runner.operation().id;
    if ((!cluster.empty() && name != cluster) || (!operation_id.empty() && id != operation_id)) continue;
    registry_.Find(name)->abort_requests[id] = why.empty() ? who : absl::StrCat(who, ": ", why);
    *aborted_id = id;
    core_.Post([this, name = name] { OnChanged(name); });
    return grpc::Status::OK;
  }
  return {grpc::StatusCode::NOT_FOUND,
          operation_id.empty() ? absl::StrCat("no operation is running on ", cluster)
                               : absl::StrCat("operation ", operation_id, " is not running; jettyfleet drill list")};
}

void OperationDesk::Watch(const std::string& cluster, const std::string& operation_id,
                          std::shared_ptr<WatchStream> stream) {
  for (const auto& [name, running] : running_) {
    const std::string& id = running->runner.operation().id;
    if ((!cluster.empty() && name != cluster) || (!operation_id.empty() && id != operation_id)) continue;
    running->watchers.push_back(std::move(stream));
    running->told.clear();
    Tell(running.get());
    return;
  }
  v1::WatchOperationResponse response;
  const grpc::Status got = Get(cluster, operation_id, response.mutable_report());
  if (got.ok()) stream->Write(std::move(response));
  stream->Close(got);
}

grpc::Status OperationDesk::List(const std::string& cluster, v1::ListOperationsResponse* response) const {
  std::vector<std::string> ids;
  const absl::Status read = journal_.Read(0, [&](const v1::JournalRecord& record) {
    if (record.has_operation_began() && (cluster.empty() || record.cluster() == cluster)) {
      ids.push_back(record.operation_id());
    }
    return true;
  });
  if (!read.ok()) return ToGrpc(read);
  const std::size_t first = ids.size() > kMostListed ? ids.size() - kMostListed : 0;
  for (std::size_t i = first; i < ids.size(); ++i) {
    if (const grpc::Status got = Get("", ids[i], response->add_operations()); !got.ok()) return got;
  }
  return grpc::Status::OK;
}

grpc::Status OperationDesk::Get(const std::string& cluster, const std::string& operation_id,
                                v1::OperationReport* report) const {
  std::string id = operation_id;
  if (id.empty()) {
    const absl::Status read = journal_.Read(0, [&](const v1::JournalRecord& record) {
      if (record.has_operation_began() && record.cluster() == cluster) id = record.operation_id();
      return true;
    });
    if (!read.ok()) return ToGrpc(read);
    if (id.empty()) {
      return {grpc::StatusCode::NOT_FOUND, absl::StrCat("cluster ", cluster, " has had no operation yet")};
    }
  }
  if (const Running* const running = FindRunning(id); running != nullptr) {
    *report = Report(running->runner.operation(), *registry_.Find(running->cluster));
    return grpc::Status::OK;
  }
  Operation operation;
  if (const grpc::Status replayed = Replay(cluster, id, &operation); !replayed.ok()) return replayed;
  *report = Report(operation, ClusterView());
  return grpc::Status::OK;
}

grpc::Status OperationDesk::GetWithSeconds(const std::string& cluster, const std::string& operation_id,
                                           v1::OperationReport* report) const {
  if (const grpc::Status got = Get(cluster, operation_id, report); !got.ok()) return got;
  absl::StatusOr<std::vector<v1::TrafficSecond>> rows;
  std::vector<v1::StepMark> marks;
  if (const Running* const running = FindRunning(report->id()); running != nullptr) {
    rows = running->seconds.Rows(running->probe.get());
    marks = StepMarks(running->runner.operation());
  } else {
    Operation operation;
    if (const grpc::Status replayed = Replay("", report->id(), &operation); !replayed.ok()) return replayed;
    rows = history_.FindSeconds(report->id());
    marks = StepMarks(operation);
  }
  if (!rows.ok()) return ToGrpc(rows.status());
  *report->mutable_seconds()->mutable_rows() = {rows->begin(), rows->end()};
  *report->mutable_seconds()->mutable_marks() = {marks.begin(), marks.end()};
  return grpc::Status::OK;
}

grpc::Status OperationDesk::Replay(const std::string& cluster, const std::string& operation_id,
                                   Operation* operation) const {
  absl::Status applied;
  bool any = false;
  const absl::Status read = journal_.ReadOperation(operation_id, [&](const v1::JournalRecord& record) {
    any |= record.has_operation_began();
    if (any) applied = Apply(record, operation);
    return any && applied.ok();
  });
  if (!read.ok()) return ToGrpc(read);
  if (!applied.ok()) return ToGrpc(applied);
  if (any && (cluster.empty() || operation->cluster == cluster)) return grpc::Status::OK;
  return {grpc::StatusCode::NOT_FOUND,
          absl::StrCat("no operation is called ", operation_id, "; jettyfleet drill list")};
}

const OperationDesk::Running* OperationDesk::FindRunning(const std::string& operation_id) const {
  for (const auto& [name, running] : running_) {
    if (running->runner.operation().id == operation_id) return running.get();
  }
  return nullptr;
}

void OperationDesk::Tick(const std::string& cluster) {
  OnChanged(cluster);
  if (running_.contains(cluster)) core_.PostAfter(kTick, [this, cluster] { Tick(cluster); });
}

void OperationDesk::OnChanged(const std::string& cluster) {
  const auto found = running_.find(cluster);
  if (found == running_.end()) return;
  Running& running = *found->second;
  ClusterView& view = *registry_.Find(cluster);
  if (running.probe != nullptr) {
    view.traffic = running.probe->Snapshot();
    running.seconds.Keep(running.runner.operation().id, *running.probe);
  }
  if (const absl::Status stepped = running.runner.Step(view); !stepped.ok()) {
    LogError(absl::StrCat("operation ", running.runner.operation().id, ": ", std::string(stepped.message())));
  }
  Tell(&running);
  if (!running.runner.ended()) return;
  if (running.probe != nullptr) running.seconds.KeepLast(running.runner.operation().id, *running.probe);
  follower_(running.runner.operation());
  LogInfo(absl::StrCat("operation ", running.runner.operation().id, " on ", cluster, " has ended"));
  for (const std::shared_ptr<WatchStream>& watcher : running.watchers) watcher->Close(grpc::Status::OK);
  view.results.clear();
  view.abort_requests.clear();
  view.traffic = TrafficView();
  running_.erase(found);
}

void OperationDesk::Tell(Running* running) {
  if (running->watchers.empty()) return;
  const absl::Time now = clock_.WallNow();
  v1::WatchOperationResponse response;
  *response.mutable_report() = Report(running->runner.operation(), *registry_.Find(running->cluster));
  std::string text = response.SerializeAsString();
  const bool ended = running->runner.ended();
  if (!ended && (text == running->told ? now - running->told_at < kTellAgain : now - running->told_at < kTick / 2)) {
    return;
  }
  running->told = std::move(text);
  running->told_at = now;
  auto& watchers = running->watchers;
  watchers.erase(std::remove_if(watchers.begin(), watchers.end(), [](const auto& watcher) { return watcher->over(); }),
                 watchers.end());
  for (const std::shared_ptr<WatchStream>& watcher : watchers) watcher->Write(response);
}

}  // namespace jettyfleet
