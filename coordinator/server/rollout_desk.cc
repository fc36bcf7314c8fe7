#include "coordinator/server/rollout_desk.h"

#include <map>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/archive/archive_name.h"
#include "common/log.h"
#include "coordinator/rolling/rollback.h"
#include "coordinator/rolling/rollout_plan.h"
#include "coordinator/rolling/spec.h"
#include "coordinator/server/grpc_status.h"

namespace jettyfleet {
namespace {

// A coordinator that died between a rollout's end and its rollback's beginning still begins it when it is back within
// this; later, somebody has looked, and says what is to be done.
constexpr absl::Duration kRollbackStaysDue = absl::Minutes(10);

}  // namespace

void RolloutDesk::Resolve(v1::DrillSpec spec, const std::string& holder, Resolved resolved) {
  spec.set_scenario(v1::SCENARIO_ROLLOUT);
  v1::RolloutSpec* const rollout = spec.mutable_rollout();
  rollout->clear_sha256();
  rollout->clear_size();
  rollout->clear_rolls_back();
  rollout->clear_back_to();
  if (rollout->restart_only()) return resolved(absl::OkStatus(), std::move(spec));
  absl::Status checked = CheckArchiveName("name", rollout->name());
  if (checked.ok()) checked = CheckArchiveName("version", rollout->version());
  if (checked.ok() && !rollout->target().empty()) checked = CheckArchiveTarget(rollout->target());
  if (!checked.ok()) return resolved(checked, std::move(spec));
  archives_.loop().Post([this, spec = std::move(spec), holder, resolved = std::move(resolved)]() mutable {
    const absl::StatusOr<v1::ArchiveEntry> entry = archives_.Find(spec.rollout().name(), spec.rollout().version());
    if (entry.ok()) {
      spec.mutable_rollout()->set_sha256(entry->sha256());
      spec.mutable_rollout()->set_size(entry->size());
      if (!holder.empty()) archives_.Hold(holder, {entry->sha256()});
    }
    core_.Post([spec = std::move(spec), status = entry.status(), resolved = std::move(resolved)]() mutable {
      resolved(status, std::move(spec));
    });
  });
}

void RolloutDesk::Plan(v1::DrillSpec spec, v1::PlanRolloutResponse* response, Done done) {
  Resolve(std::move(spec), "",
          [this, response, done = std::move(done)](const absl::Status& status, v1::DrillSpec found) {
            if (!status.ok()) return done(ToGrpc(status));
            const ClusterView& view = *registry_.Find(found.cluster());
            FillDefaults(view.description, &found);
            if (const absl::Status valid = CheckSpec(view.description, found); !valid.ok()) return done(ToGrpc(valid));
            absl::StatusOr<std::vector<v1::PlannedVisit>> visits = PlanVisits(found, view);
            if (!visits.ok()) return done(ToGrpc(visits.status()));
            for (v1::PlannedVisit& visit : *visits) *response->add_visits() = std::move(visit);
            *response->mutable_spec() = std::move(found);
            done(grpc::Status::OK);
          });
}

void RolloutDesk::Start(v1::DrillSpec spec, const std::string& request_id, v1::StartRolloutResponse* response,
                        Done done) {
  // Until the operation has an id of its own to keep it by.
  const std::string holder = absl::StrCat("start of a rollout, request ", request_id);
  Resolve(std::move(spec), holder,
          [this, holder, response, done = std::move(done)](const absl::Status& status, v1::DrillSpec found) {
            const grpc::Status started =
                status.ok() ? operations_.Start(std::move(found), response->mutable_operation_id()) : ToGrpc(status);
            archives_.Release(holder);
            done(started);
          });
}

grpc::Status RolloutDesk::Rollback(const v1::RollbackRolloutRequest& request, const std::string& who,
                                   std::string* operation_id) {
  Operation rollout;
  if (const grpc::Status found = operations_.Replay("", request.operation_id(), &rollout); !found.ok()) return found;
  absl::StatusOr<v1::DrillSpec> spec = RollbackOf(rollout);
  if (!spec.ok()) return ToGrpc(spec.status());
  v1::ListOperationsResponse known;
  if (const grpc::Status listed = operations_.List(rollout.spec.cluster(), &known); !listed.ok()) return listed;
  for (const v1::OperationReport& other : known.operations()) {
    if (other.spec().rollout().rolls_back() != rollout.id || other.state() != v1::OPERATION_STATE_PASSED) continue;
    return {grpc::StatusCode::FAILED_PRECONDITION,
            absl::StrCat("there is nothing to go back to: ", rollout.id, " has been taken back by ", other.id())};
  }
  spec->set_who(who);
  spec->set_why(request.why());
  return operations_.Start(*std::move(spec), operation_id);
}

absl::Status RolloutDesk::Resume() {
  const absl::StatusOr<std::map<std::string, std::string>> newest = operations_.Newest();
  if (!newest.ok()) return newest.status();
  for (const auto& [cluster, id] : *newest) {
    if (!operations_.RunningOn(cluster).empty()) continue;
    Operation operation;
    if (const grpc::Status found = operations_.Replay(cluster, id, &operation); !found.ok()) {
      return absl::DataLossError(found.error_message());
    }
    if (clock_.WallNow() - operation.ended_at <= kRollbackStaysDue) FollowUp(operation);
  }
  return absl::OkStatus();
}

void RolloutDesk::FollowUp(const Operation& ended) {
  if (!WantsRollback(ended)) return;
  v1::DrillSpec spec = *RollbackOf(ended);
  spec.set_why(absl::StrCat("rollout ", ended.id, " failed: ", ended.end->reason()));
  const grpc::Status begun = operations_.StartFollowing(spec, FollowingRollbackId(ended.id));
  if (begun.ok()) return;
  LogError(absl::StrCat("rollout ", ended.id, " is not taken back: ", begun.error_message(),
                        "; jettyfleet rollout rollback ", ended.id));
}

void RolloutDesk::OnOperation(const Operation& operation) {
  if (operation.end.has_value()) FollowUp(operation);
  if (operation.spec.rollout().sha256().empty()) return;
  if (operation.end.has_value()) return archives_.Release(operation.id);
  archives_.Hold(operation.id, {operation.spec.rollout().sha256()});
}

}  // namespace jettyfleet
