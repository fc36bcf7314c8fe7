#include "agent/inspect/marker/markers.h"

#include <cstddef>
#include <map>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/inspect/marker/sweep_timer.h"
#include "agent/inspect/path/ask_path_worker.h"
#include "agent/inspect/path/mount_namespace.h"
#include "agent/inspect/path/mountinfo.h"
#include "agent/inspect/path/path_job.h"
#include "agent/inspect/unit/unit_reader.h"
#include "common/proto_time.h"
#include "proto/action.pb.h"
#include "proto/marker_record.pb.h"

namespace jettyfleet {
namespace {

// Comment lines, as a directory might be one whose files are read as configuration.
std::string MarkerContent(const std::string& node, absl::Time now) {
  return absl::StrCat("# Left by jettyfleet of ", node, " at ",
                      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", now, absl::UTCTimeZone()),
                      " to see whether hosts share this directory.\n# It may be removed.\n");
}

PathJob JobFor(PathJob::Kind kind, const UnitState& unit, std::vector<std::string> markers) {
  PathJob job;
  job.kind = kind;
  job.main_pid = unit.main_pid;
  job.user = unit.user;
  job.group = unit.group;
  job.markers = std::move(markers);
  return job;
}

// One for each marker of the job's path `index`, whatever came back.
std::vector<v1::MarkerSighting> SightingsOf(const PathJob& job, std::size_t index,
                                            const absl::StatusOr<std::string>& answer) {
  v1::ActionResult result;
  std::string why(answer.status().message());
  if (answer.ok() &&
      (!result.ParseFromString(*answer) || result.sightings().size() != static_cast<int>(job.markers.size()))) {
    why = "the path worker's answer cannot be read";
  }
  std::vector<v1::MarkerSighting> sightings;
  for (std::size_t i = 0; i < job.markers.size(); ++i) {
    v1::MarkerSighting sighting;
    if (why.empty()) {
      sighting = result.sightings(static_cast<int>(i));
    } else {
      sighting.set_path(job.paths[index]);
      sighting.set_marker(job.markers[i]);
      sighting.set_error(why);
    }
    sightings.push_back(std::move(sighting));
  }
  return sightings;
}

std::vector<v1::MarkerSighting> Carry(const PathJob& job) {
  const std::vector<absl::StatusOr<std::string>> answers = AskPathWorker(job);
  std::vector<v1::MarkerSighting> sightings;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    for (v1::MarkerSighting& sighting : SightingsOf(job, i, answers[i])) sightings.push_back(std::move(sighting));
  }
  return sightings;
}

bool CanBeMarked(const v1::PathFact& fact) { return fact.exists() == v1::ANSWER_YES && fact.error().empty(); }

std::string HostPath(const std::vector<Mount>& host_mounts, const v1::PathFact& fact) {
  Mount mount;
  mount.device_major = fact.device_major();
  mount.device_minor = fact.device_minor();
  mount.root = fact.mount_root();
  mount.point = fact.mount_point();
  return SamePathIn(host_mounts, mount, fact.path());
}

v1::MarkerRecord RecordOf(const std::string& marker, absl::Time ends_at, const std::vector<MarkedUnit>& units) {
  v1::MarkerRecord record;
  record.set_marker(marker);
  *record.mutable_ends_at() = ToProto(ends_at);
  // Without them a marker in a unit's own view is still removed as long as the unit runs.
  const absl::StatusOr<std::vector<Mount>> host_mounts = MountsOf(0);
  for (const MarkedUnit& unit : units) {
    for (const v1::PathFact& fact : unit.inspection->paths()) {
      if (!CanBeMarked(fact)) continue;
      v1::MarkedPath* const path = record.add_paths();
      path->set_unit(unit.unit->unit);
      path->set_path(fact.path());
      if (host_mounts.ok()) path->set_host_path(HostPath(*host_mounts, fact));
    }
  }
  return record;
}

void Mark(const MarkedUnit& unit, const std::string& marker, const std::string& content) {
  PathJob job = JobFor(PathJob::Kind::kPlaceMarker, *unit.unit, {marker});
  job.content = content;
  std::vector<v1::PathFact*> facts;
  for (v1::PathFact& fact : *unit.inspection->mutable_paths()) {
    if (!CanBeMarked(fact)) continue;
    job.paths.push_back(fact.path());
    facts.push_back(&fact);
  }
  const std::vector<v1::MarkerSighting> sightings = Carry(job);
  for (std::size_t i = 0; i < facts.size(); ++i) {
    facts[i]->set_marked(sightings[i].seen() == v1::ANSWER_YES);
    if (facts[i]->marked()) continue;
    const std::string& before = facts[i]->writable_error();
    facts[i]->set_writable_error(absl::StrCat(before, before.empty() ? "" : "; ", sightings[i].error()));
  }
}

// OK: it is in none of them (any more).
absl::Status RemoveFrom(const PathJob& job) {
  for (const v1::MarkerSighting& sighting : Carry(job)) {
    if (sighting.seen() != v1::ANSWER_NO) {
      return absl::UnavailableError(absl::StrCat(sighting.path(), "/", sighting.marker(), ": ", sighting.error()));
    }
  }
  return absl::OkStatus();
}

// As its unit sees each directory, and as the host does: the unit may have been stopped or started meanwhile.
absl::Status RemoveFiles(const MarkerOptions& options, const v1::MarkerRecord& record) {
  std::map<std::string, PathJob> by_unit;
  PathJob on_host = JobFor(PathJob::Kind::kRemoveMarker, UnitState(), {record.marker()});
  for (const v1::MarkedPath& path : record.paths()) {
    by_unit[path.unit()].paths.push_back(path.path());
    on_host.paths.push_back(path.host_path().empty() ? path.path() : path.host_path());
  }
  absl::Status first_problem;
  for (auto& [unit, wanted] : by_unit) {
    const UnitState state = ReadUnitOn(options.open_bus, unit);
    PathJob job = JobFor(PathJob::Kind::kRemoveMarker, state, {record.marker()});
    job.paths = std::move(wanted.paths);
    if (state.main_pid != 0) first_problem.Update(RemoveFrom(job));
  }
  first_problem.Update(RemoveFrom(on_host));
  return first_problem;
}

absl::Status RemoveRecorded(const MarkerOptions& options, const v1::MarkerRecord& record) {
  if (const absl::Status removed = RemoveFiles(options, record); !removed.ok()) return removed;
  if (const absl::Status removed = MarkerStore(options.state_dir).Remove(record.marker()); !removed.ok()) {
    return removed;
  }
  DisarmSweepTimer(options.open_bus, record.marker()).IgnoreError();
  return absl::OkStatus();
}

}  // namespace

absl::Status PlaceMarkers(const MarkerOptions& options, const std::string& marker, absl::Duration life,
                          const std::vector<MarkedUnit>& units) {
  if (!IsMarkerName(marker)) return absl::InvalidArgumentError("the marker's name is not one of ours");
  if (life <= absl::ZeroDuration() || life > kLongestMarkerLife) {
    return absl::InvalidArgumentError(absl::StrCat("a marker's life is more than 0 s and at most ",
                                                   absl::FormatDuration(kLongestMarkerLife), ", not ",
                                                   absl::FormatDuration(life)));
  }
  const absl::Time now = absl::Now();
  const v1::MarkerRecord record = RecordOf(marker, now + life, units);
  if (record.paths().empty()) return absl::OkStatus();
  const MarkerStore store(options.state_dir);
  if (const absl::Status added = store.Add(record); !added.ok()) return added;
  const absl::Status armed = ArmSweepTimer(options.open_bus, marker, now + life, life, options.sweep_command);
  if (!armed.ok()) {
    // Not even made; a record that stays is swept later and finds nothing.
    store.Remove(marker).IgnoreError();
    return absl::Status(armed.code(),
                        absl::StrCat("no marker is left without a timer that removes it: ", armed.message()));
  }
  const std::string content = MarkerContent(options.node, now);
  for (const MarkedUnit& unit : units) Mark(unit, marker, content);
  return absl::OkStatus();
}

std::vector<v1::MarkerSighting> LookForMarkers(const MarkerOptions& options, const v1::LookForMarkers& asked) {
  std::vector<v1::MarkerSighting> sightings;
  for (const v1::MarkedResource& resource : asked.resources()) {
    const UnitState unit = ReadUnitOn(options.open_bus, resource.unit());
    PathJob job = JobFor(PathJob::Kind::kLookForMarker, unit, {asked.markers().begin(), asked.markers().end()});
    job.paths = {resource.paths().begin(), resource.paths().end()};
    std::vector<v1::MarkerSighting> found;
    if (unit.facts.error().empty()) {
      found = Carry(job);
    } else {
      for (std::size_t i = 0; i < job.paths.size(); ++i) {
        for (v1::MarkerSighting& sighting : SightingsOf(job, i, absl::UnavailableError(unit.facts.error()))) {
          found.push_back(std::move(sighting));
        }
      }
    }
    for (v1::MarkerSighting& sighting : found) {
      sighting.set_resource(resource.resource());
      sightings.push_back(std::move(sighting));
    }
  }
  return sightings;
}

absl::Status RemoveMarkers(const MarkerOptions& options, const std::string& marker) {
  if (!IsMarkerName(marker)) return absl::InvalidArgumentError("the marker's name is not one of ours");
  const absl::StatusOr<v1::MarkerRecord> record = MarkerStore(options.state_dir).Read(marker);
  if (absl::IsNotFound(record.status())) return absl::OkStatus();
  if (!record.ok()) return record.status();
  return RemoveRecorded(options, *record);
}

MarkerSweep SweepMarkers(const MarkerOptions& options, absl::Time now) {
  MarkerSweep sweep;
  const MarkerStore store(options.state_dir);
  const absl::StatusOr<std::vector<std::string>> markers = store.List();
  if (!markers.ok()) {
    sweep.status = markers.status();
    return sweep;
  }
  for (const std::string& marker : *markers) {
    const absl::StatusOr<v1::MarkerRecord> record = store.Read(marker);
    if (absl::IsNotFound(record.status())) continue;  // removed meanwhile
    if (!record.ok()) {
      sweep.status.Update(record.status());
      continue;
    }
    // One that ends later than any may has seen its clock set back.
    const absl::Duration left = FromProto(record->ends_at()) - now;
    if (left > absl::ZeroDuration() && left <= kLongestMarkerLife) continue;
    const absl::Status removed = RemoveRecorded(options, *record);
    sweep.status.Update(removed);
    if (removed.ok()) sweep.removed.push_back(marker);
  }
  return sweep;
}

}  // namespace jettyfleet
