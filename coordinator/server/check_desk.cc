#include "coordinator/server/check_desk.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <random>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/proto_time.h"
#include "coordinator/server/operation_id.h"
#include "coordinator/verify/reach.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kMostWaiting = 64;  // for one cluster
constexpr std::size_t kMostAsking = 8;    // threads
constexpr absl::Duration kTick = absl::Milliseconds(100);
constexpr char kIdPrefix[] = "c";

// 14 characters, as MarkerName asks for.
std::string RandomName() {
  std::random_device random;
  return absl::StrFormat("%08x%06x", random() & 0xffffffff, random() & 0xffffff);
}

}  // namespace

uint64_t CheckDesk::Check(const std::string& cluster, const v1::CheckRequest& request, v1::CheckReport* response,
                          Done done) {
  Cluster& state = clusters_[cluster];
  if (state.waiters.size() >= kMostWaiting) {
    done({grpc::StatusCode::RESOURCE_EXHAUSTED,
          absl::StrCat(kMostWaiting, " callers wait for a check of ", cluster, " already; try again later")});
    return 0;
  }
  const uint64_t caller = next_caller_++;
  state.waiters.push_back({caller, request.rehash(), request.diff(), response, std::move(done), clock_.WallNow()});
  if (state.running == nullptr) {
    state.ticking = next_ticking_++;
    Begin(cluster, &state);
    Tick(cluster, state.ticking);
  }
  return caller;
}

void CheckDesk::Cancel(uint64_t caller) {
  for (auto& [name, cluster] : clusters_) {
    for (std::vector<Waiter>* const waiters :
         {&cluster.waiters, cluster.running == nullptr ? nullptr : &cluster.running->waiters}) {
      if (waiters == nullptr) continue;
      const auto found = std::find_if(waiters->begin(), waiters->end(),
                                      [caller](const Waiter& waiter) { return waiter.caller == caller; });
      if (found == waiters->end()) continue;
      const Done done = std::move(found->done);
      waiters->erase(found);
      if (cluster.running != nullptr && cluster.running->waiters.empty()) cluster.running->run->Abandon();
      return done(grpc::Status::CANCELLED);
    }
  }
}

void CheckDesk::Begin(const std::string& name, Cluster* cluster) {
  auto running = std::make_unique<Running>();
  CheckOrder order{NewOperationId(kIdPrefix, clock_.WallNow()), RandomName(), false};
  for (const Waiter& waiter : cluster->waiters) order.rehash |= waiter.rehash;
  running->run = std::make_unique<CheckRun>(
      std::move(order),
      [this, name](const std::string& host, const v1::Action& action) { return seams_.send(name, host, action); },
      [this, name](const std::string& host, const v1::Observe& observe) { seams_.observe(name, host, observe); });
  running->waiters = std::exchange(cluster->waiters, {});
  cluster->running = std::move(running);
  // What came too late for an earlier check.
  std::erase_if(registry_.Find(name)->results, [prefix = absl::StrCat(kIdPrefix, "-")](const auto& entry) {
    return absl::StartsWith(entry.first, prefix);
  });
}

void CheckDesk::Tick(const std::string& name, uint64_t ticking) {
  const auto found = clusters_.find(name);
  if (found == clusters_.end() || found->second.ticking != ticking) return;
  core_.PostAfter(kTick, [this, name, ticking] { Tick(name, ticking); });
  Step(name);
}

void CheckDesk::OnChanged(const std::string& cluster) { Step(cluster); }

void CheckDesk::Step(const std::string& name) {
  const auto found = clusters_.find(name);
  if (found == clusters_.end()) return;
  Running* const running = found->second.running.get();
  running->run->Step(registry_.Find(name), clock_.WallNow());
  if (running->run->observed() && !running->traffic_begun) AskTraffic(name, running);
  if (running->run->observed() && running->run->gathered() && running->traffic_done) Answer(name, running);
  if (!running->run->over() || !running->traffic_done) return;
  found->second.running.reset();
  if (found->second.waiters.empty()) {
    clusters_.erase(found);
    return;
  }
  Begin(name, &found->second);
  Step(name);
}

void CheckDesk::AskTraffic(const std::string& name, Running* running) {
  running->traffic_begun = true;
  std::vector<ReachQuestion> questions = ReachQuestions(*registry_.Find(name));
  if (questions.empty() || running->waiters.empty()) {
    running->traffic_done = true;
    return;
  }
  if (asking_.size() >= kMostAsking) {
    for (ReachQuestion& question : questions) {
      ReachAnswer answer;
      answer.url = question.traffic.url();
      answer.usable = absl::ResourceExhaustedError("not asked: too many checks at once; try again");
      running->traffic.push_back({std::move(question), std::move(answer), {}});
    }
    running->traffic_done = true;
    return;
  }
  asking_.emplace_back();
  const auto own = std::prev(asking_.end());
  own->thread = std::thread([this, own, name, questions = std::move(questions)] {
    std::vector<TrafficLook> looks = seams_.traffic(questions, own->stop);
    core_.Post([this, own, name, looks = std::move(looks)]() mutable {
      asking_.erase(own);
      // The check goes on until its traffic has been asked, so it is the same one.
      Running& running = *clusters_.at(name).running;
      running.traffic = std::move(looks);
      running.traffic_done = true;
      Step(name);
    });
  });
}

void CheckDesk::Answer(const std::string& name, Running* running) {
  if (running->waiters.empty()) return;
  CheckInput input{*registry_.Find(name), running->run->since(), clock_.WallNow(), running->run->hosts(),
                   running->traffic,      false};
  std::optional<v1::CheckReport> reports[2];  // without and with the texts of what differs
  for (const Waiter& waiter : std::exchange(running->waiters, {})) {
    std::optional<v1::CheckReport>& report = reports[waiter.diff ? 1 : 0];
    if (!report.has_value()) {
      input.with_texts = waiter.diff;
      report.emplace();
      report->set_cluster(name);
      *report->mutable_at() = ToProto(input.since);
      const std::vector<v1::Finding> findings = seams_.judge(input);
      report->set_passed(seams_.overall(findings));
      *report->mutable_findings() = {findings.begin(), findings.end()};
    }
    *waiter.response = *report;
    *waiter.response->mutable_took() = ToProto(input.now - waiter.asked_at);
    waiter.done(grpc::Status::OK);
  }
}

}  // namespace jettyfleet
