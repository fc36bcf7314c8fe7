#include "agent/act/look_lane.h"

#include <cstddef>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/act/fault/means.h"
#include "agent/act/fields.h"
#include "agent/act/inspect.h"
#include "agent/act/outcome.h"
#include "agent/act/predict.h"
#include "agent/act/stager.h"
#include "agent/act/tools.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

// Each may have a program running; an apply has one under way, and so has whoever asks for a plan.
constexpr std::size_t kMostLooks = 4;

}  // namespace

struct LookLane::Look {
  v1::Action action;
  std::function<void(v1::ActionResult)> done;
  std::string scratch;  // what its files' names begin with
  absl::Time began_at;
  Tools tools;
  Task<bool> running;
  v1::ActionResult result;
  bool ended = false;
};

LookLane::LookLane(Loop& loop, ProcessRunner& processes, const Clock& clock, const ActorOptions& options)
    : loop_(loop), processes_(processes), clock_(clock), options_(options) {}

LookLane::~LookLane() = default;

void LookLane::Run(const v1::Action& action, std::function<void(v1::ActionResult)> done) {
  const absl::Time now = clock_.WallNow();
  if (looks_.size() >= kMostLooks) {
    v1::ActionResult refused = Refused(absl::StrCat("this agent looks at ", kMostLooks, " things already; try again"));
    refused.set_action_id(action.id());
    *refused.mutable_began_at() = ToProto(now);
    *refused.mutable_ended_at() = ToProto(now);
    return done(std::move(refused));
  }
  looks_.push_back(std::unique_ptr<Look>(
      new Look{.action = action,
               .done = std::move(done),
               .scratch = absl::StrCat(options_.state_dir, "/look-", ++count_),
               .began_at = now,
               .tools = Tools(processes_, nullptr, clock_, clock_.MonotonicNow() + TimeoutOf(action)),
               .running = Task<bool>(),
               .result = v1::ActionResult()}));
  Look& look = *looks_.back();
  look.running = Carry(look);
  look.running.Start();
}

Task<v1::ActionResult> LookLane::Answer(Look& look) {
  if (look.action.has_look_at_fault_means()) {
    co_return co_await LookAtFaultMeans(look.tools, options_.paths, options_.node, look.action.look_at_fault_means());
  }
  if (look.action.has_predict_actions()) {
    co_return co_await PredictActions(look.tools, look.scratch, look.action.predict_actions());
  }
  if (look.action.has_stage_archive()) {
    co_return co_await RunStager(look.tools, StagerOf(options_), look.action);
  }
  co_return co_await RunInspector(look.tools, InspectorOf(options_), look.scratch, look.action);
}

Task<bool> LookLane::Carry(Look& look) {
  look.result = co_await Answer(look);
  look.result.set_action_id(look.action.id());
  *look.result.mutable_began_at() = ToProto(look.began_at);
  *look.result.mutable_ended_at() = ToProto(clock_.WallNow());
  look.ended = true;
  // Not here: this coroutine cannot destroy itself.
  ended_timer_ = loop_.After(absl::ZeroDuration(), [this] { CollectEnded(); });
  co_return true;
}

void LookLane::CollectEnded() {
  std::list<std::unique_ptr<Look>> ended;
  for (auto look = looks_.begin(); look != looks_.end();) {
    const auto next = std::next(look);
    if ((*look)->ended) ended.splice(ended.end(), looks_, look);
    look = next;
  }
  // Last: these may call back.
  for (const std::unique_ptr<Look>& look : ended) look->done(std::move(look->result));
}

}  // namespace jettyfleet
