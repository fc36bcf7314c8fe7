#include "coordinator/server/rollout_desk.h"

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/archive/archive_name.h"
#include "coordinator/rolling/rollout_plan.h"
#include "coordinator/rolling/spec.h"
#include "coordinator/server/grpc_status.h"

namespace jettyfleet {

void RolloutDesk::Resolve(v1::DrillSpec spec, const std::string& holder, Resolved resolved) {
  spec.set_scenario(v1::SCENARIO_ROLLOUT);
  v1::RolloutSpec* const rollout = spec.mutable_rollout();
  rollout->clear_sha256();
  rollout->clear_size();
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

void RolloutDesk::OnOperation(const Operation& operation) {
  if (operation.spec.rollout().sha256().empty()) return;
  if (operation.end.has_value()) return archives_.Release(operation.id);
  archives_.Hold(operation.id, {operation.spec.rollout().sha256()});
}

}  // namespace jettyfleet
