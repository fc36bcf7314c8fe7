#include "coordinator/server/fleet_desk.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/log.h"
#include "common/proto_time.h"
#include "coordinator/server/grpc_status.h"
#include "coordinator/verify/judge.h"
#include "coordinator/verify/reach.h"

namespace jettyfleet {
namespace {

// Verifications that ask at the same time.
constexpr std::size_t kMostAsking = 8;
constexpr absl::Duration kTick = absl::Milliseconds(250);
// Read ahead of a slow follower no further than this.
constexpr std::size_t kFollowAhead = 512;

}  // namespace

FleetDesk::FleetDesk(CoreLoop& core, Registry& registry, FreshLook& look, OperationDesk& operations, ApplyDesk& applies,
                     Journal& journal, FleetStore& store, const Clock& clock, std::string coordinator_uuid,
                     uint64_t epoch)
    : core_(core),
      registry_(registry),
      look_(look),
      operations_(operations),
      applies_(applies),
      journal_(journal),
      store_(store),
      clock_(clock),
      coordinator_uuid_(std::move(coordinator_uuid)),
      epoch_(epoch) {}

absl::Status FleetDesk::Open() {
  absl::StatusOr<std::vector<v1::ClusterDescription>> stored = store_.Descriptions();
  if (!stored.ok()) return stored.status();
  for (const v1::ClusterDescription& description : *stored) registry_.SetDescription(description);
  return absl::OkStatus();
}

grpc::Status FleetDesk::Resolve(const std::string& name, std::string* cluster) const {
  const auto& clusters = registry_.clusters();
  const auto names = [&] {
    return absl::StrJoin(clusters, ", ", [](std::string* out, const auto& entry) { out->append(entry.first); });
  };
  if (name.empty()) {
    if (clusters.size() == 1) {
      *cluster = clusters.begin()->first;
      return grpc::Status::OK;
    }
    if (clusters.empty()) {
      return grpc::Status(grpc::StatusCode::NOT_FOUND, "no cluster is known yet; start jettyfleet-agent on its nodes");
    }
    return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT,
                        absl::StrCat("there is more than one cluster: name one of ", names()));
  }
  if (!clusters.contains(name)) {
    return grpc::Status(grpc::StatusCode::NOT_FOUND,
                        absl::StrCat("no cluster is called ", name, "; known: ", clusters.empty() ? "none" : names()));
  }
  *cluster = name;
  return grpc::Status::OK;
}

grpc::Status FleetDesk::GetStatus(const v1::GetStatusRequest& request, v1::GetStatusResponse* response) {
  std::string only;
  if (!request.cluster().empty()) {
    if (const grpc::Status resolved = Resolve(request.cluster(), &only); !resolved.ok()) return resolved;
  }
  response->set_coordinator(coordinator_uuid_);
  response->set_epoch(epoch_);
  const auto add_host = [](const HostView& host, v1::HostStatus* status) {
    status->set_host(host.host);
    status->set_connected(host.connected);
    if (host.connected_at != absl::InfinitePast()) *status->mutable_connected_at() = ToProto(host.connected_at);
    if (host.last_heard_at != absl::InfinitePast()) *status->mutable_last_heard_at() = ToProto(host.last_heard_at);
    status->set_boot_id(host.boot_id);
    status->set_restart_sequence(host.restart_sequence);
    status->set_version(host.version);
    *status->mutable_report() = host.report;
  };
  for (const auto& [name, view] : registry_.clusters()) {
    if (!only.empty() && name != only) continue;
    v1::ClusterStatus* const status = response->add_clusters();
    status->set_cluster(name);
    *status->mutable_as_of() = ToProto(clock_.WallNow());
    // What each host last said; a host that is not connected is unknown whatever it said.
    const std::vector<v1::VerifyFinding> findings = JudgeCluster(view, absl::InfinitePast());
    status->set_healthy(Overall(findings));
    for (const v1::VerifyFinding& finding : findings) {
      if (finding.passed() != v1::ANSWER_YES) {
        status->add_problems(absl::StrCat(finding.subject(), ": ", finding.detail()));
      }
    }
    status->set_dc(QuorateDc(view));
    status->set_quorum(findings.front().passed());
    for (const auto& [node, host] : view.nodes) add_host(host, status->add_nodes());
    for (const auto& [balancer, host] : view.load_balancers) add_host(host, status->add_load_balancers());
    *status->mutable_description() = view.description;
    const std::string operation = operations_.RunningOn(name);
    status->set_running_operation(operation.empty() ? applies_.RunningOn(name) : operation);
  }
  return grpc::Status::OK;
}

grpc::Status FleetDesk::Discover(const v1::DiscoverRequest& request, v1::DiscoverResponse* response) {
  std::string cluster;
  if (const grpc::Status resolved = Resolve(request.cluster(), &cluster); !resolved.ok()) return resolved;
  const ClusterView& view = *registry_.Find(cluster);
  response->set_cluster(cluster);
  std::map<std::string, std::vector<std::string>> nodes_of_unit;
  for (const auto& [node, host] : view.nodes) {
    if (!host.connected) {
      response->add_remarks(absl::StrCat(node, ": its agent is not connected; what it has is unknown"));
      continue;
    }
    for (const v1::UnitFact& unit : host.report.units()) {
      // A bare template is not something that runs.
      if (unit.load_state() == "not-found" || absl::StrContains(unit.unit(), "@.")) continue;
      v1::DiscoveredUnit* const found = response->add_units();
      found->set_node(node);
      *found->mutable_unit() = unit;
      nodes_of_unit[unit.unit()].push_back(node);
      if (unit.unit_file_state() == "enabled") {
        response->add_remarks(absl::StrCat(node, ": ", unit.unit(),
                                           " is enabled at boot: systemd would start it behind the cluster's back; "
                                           "systemctl disable ",
                                           unit.unit()));
      }
    }
  }
  for (const auto& [unit, nodes] : nodes_of_unit) {
    if (nodes.size() != view.nodes.size()) {
      response->add_remarks(absl::StrCat(unit, " is only on ", absl::StrJoin(nodes, ", ")));
    }
  }
  const std::string dc = QuorateDc(view);
  if (dc.empty()) {
    response->add_remarks("no DC with quorum is known: the cluster's resources cannot be listed");
  } else {
    *response->mutable_resources() = view.nodes.at(dc).report.cib().primitives();
  }
  return grpc::Status::OK;
}

void FleetDesk::Verify(const v1::VerifyRequest& request, v1::VerifyResponse* response,
                       std::function<void(grpc::Status)> done) {
  std::string cluster;
  if (const grpc::Status resolved = Resolve(request.cluster(), &cluster); !resolved.ok()) return done(resolved);
  look_.Everywhere(cluster, [this, cluster, response, done = std::move(done)](absl::Time since) mutable {
    FinishVerify(cluster, since, response, std::move(done));
  });
}

void FleetDesk::FinishVerify(const std::string& cluster, absl::Time since, v1::VerifyResponse* response,
                             std::function<void(grpc::Status)> done) {
  const ClusterView& view = *registry_.Find(cluster);
  std::vector<v1::VerifyFinding> findings = JudgeCluster(view, since);
  const auto finish = [response, cluster](std::vector<v1::VerifyFinding> all) {
    response->set_cluster(cluster);
    response->set_passed(Overall(all));
    for (v1::VerifyFinding& finding : all) *response->add_findings() = std::move(finding);
  };
  std::vector<ReachQuestion> questions = ReachQuestions(view);
  if (questions.empty() || asking_.size() >= kMostAsking) {
    for (const ReachQuestion& question : questions) {
      v1::VerifyFinding unknown;
      unknown.set_subject(absl::StrCat("traffic through ", question.traffic.url()));
      unknown.set_detail("not asked: too many verifications at once; try again");
      findings.push_back(std::move(unknown));
    }
    finish(std::move(findings));
    return done(grpc::Status::OK);
  }
  asking_.emplace_back();
  const auto own = std::prev(asking_.end());
  own->thread = std::thread([this, own, questions = std::move(questions), findings = std::move(findings), finish,
                             done = std::move(done)]() mutable {
    for (const ReachQuestion& question : questions) {
      findings.push_back(JudgeReach(question, AskUntilAllAnswer(question, own->stop)));
    }
    core_.Post([this, own, findings = std::move(findings), finish, done = std::move(done)]() mutable {
      asking_.erase(own);
      finish(std::move(findings));
      done(grpc::Status::OK);
    });
  });
}

void FleetDesk::ListEvents(const v1::ListEventsRequest& request,
                           std::shared_ptr<ResponseStream<v1::ListEventsResponse>> stream) {
  std::string cluster;
  if (!request.cluster().empty()) {
    if (const grpc::Status resolved = Resolve(request.cluster(), &cluster); !resolved.ok()) {
      return stream->Close(resolved);
    }
  }
  const bool idle = followers_.empty();
  followers_.push_back({cluster, request.after(),
                        request.follow() ? std::numeric_limits<uint64_t>::max() : journal_.LastSequence(), stream});
  if (idle) FeedSlowReaders();
}

void FleetDesk::FeedSlowReaders() {
  OnAppended();
  if (!followers_.empty()) core_.PostAfter(kTick, [this] { FeedSlowReaders(); });
}

bool FleetDesk::Feed(Follower* follower) {
  if (follower->stream->over()) return false;
  if (follower->after >= std::min(follower->until, journal_.LastSequence())) {
    if (follower->after < follower->until) return true;
    follower->stream->Close(grpc::Status::OK);
    return false;
  }
  const absl::Status read = journal_.Read(follower->after, [&](const v1::JournalRecord& record) {
    if (follower->stream->waiting() >= kFollowAhead || record.sequence() > follower->until) return false;
    follower->after = record.sequence();
    if (follower->cluster.empty() || record.cluster() == follower->cluster || record.cluster().empty()) {
      v1::ListEventsResponse response;
      *response.mutable_event() = record;
      follower->stream->Write(std::move(response));
    }
    return true;
  });
  if (!read.ok()) {
    follower->stream->Close(ToGrpc(read));
    return false;
  }
  return true;
}

void FleetDesk::OnAppended() {
  followers_.remove_if([this](Follower& follower) { return !Feed(&follower); });
}

void FleetDesk::OnChanged(const std::string& cluster) {
  applies_.OnChanged(cluster);
  operations_.OnChanged(cluster);
  OnAppended();
}

void FleetDesk::OnResult(const HostKey& host, const v1::ActionResult& result) {
  for (const std::string& cluster : registry_.ClustersOf(host)) {
    registry_.Find(cluster)->results[result.action_id()] = result;
  }
}

void FleetDesk::OnEvent(const std::string& cluster, const std::string& host, const std::string& text) {
  std::vector<v1::JournalRecord> records(1);
  *records[0].mutable_at() = ToProto(clock_.WallNow());
  records[0].set_cluster(cluster);
  records[0].mutable_host_event()->set_host(host);
  records[0].mutable_host_event()->set_text(text);
  if (const absl::Status kept = journal_.Append(&records, RecordUse::kOrdinary); !kept.ok()) {
    LogWarning(absl::StrCat("an event could not be kept: ", std::string(kept.message())));
  }
  OnAppended();
}

}  // namespace jettyfleet
