#include "tests/coordinator/apply/scripted_cluster.h"

#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "tests/coordinator/rolling/healthy_view.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kTick = absl::Milliseconds(250);

v1::ActionResult Result(const v1::Action& action, v1::ActionResult::Outcome outcome, const std::string& message) {
  v1::ActionResult result;
  result.set_action_id(action.id());
  result.set_outcome(outcome);
  result.set_message(message);
  return result;
}

void SetMeta(google::protobuf::RepeatedPtrField<v1::MetaAttribute>* attributes, const char* name, uint32_t value) {
  v1::MetaAttribute* const attribute = attributes->Add();
  attribute->set_name(name);
  attribute->set_value(absl::StrCat(value));
}

}  // namespace

std::string KindOf(const v1::Action& action) {
  const auto* const oneof = v1::Action::descriptor()->FindOneofByName("kind");
  const auto* const field = v1::Action::GetReflection()->GetOneofFieldDescriptor(action, oneof);
  return field == nullptr ? "nothing" : field->name();
}

ScriptedCluster::ScriptedCluster() : view_(HealthyView()), began_(Noon() + absl::Minutes(1)), now_(began_) {
  v1::ResourceDescription* const web = view_.description.mutable_resources(0);
  *web->mutable_monitor_interval() = ToProto(absl::Seconds(10));
  web->set_clone_node_max(1);
  for (auto& [name, host] : view_.nodes) {
    host.report.mutable_cib()->Clear();
    host.report.mutable_cluster()->clear_instances();
    host.report.mutable_units(0)->set_active_state("inactive");
    host.report.mutable_units(0)->set_main_pid(0);
  }
}

void ScriptedCluster::InEveryFact(const std::function<void(v1::ClusterFact*)>& change) { InEveryView(&view_, change); }

void ScriptedCluster::MoveDc(const std::string& node) {
  InEveryFact([&](v1::ClusterFact* fact) { fact->set_dc(node); });
}

v1::PrimitiveFact* ScriptedCluster::AddPrimitive(const std::string& id, const std::string& unit) {
  v1::PrimitiveFact* const primitive = cib_.add_primitives();
  primitive->set_id(id);
  primitive->set_resource_class("systemd");
  primitive->set_type(unit);
  v1::OperationFact* const monitor = primitive->add_operations();
  monitor->set_name("monitor");
  monitor->set_interval("10s");
  return primitive;
}

absl::Status ScriptedCluster::Run() {
  ApplyRun::Seams seams;
  seams.journal = &journal_;
  seams.send = [this](const std::string& host, const v1::Action& action) { return Take(host, action); };
  seams.observe = [this](const std::string& host, const v1::Observe& observe) {
    if (const auto balancer = view_.load_balancers.find(host); balancer != view_.load_balancers.end()) {
      balancer->second.fresh.lb_servers = now_;
      return;
    }
    HostView& asked = view_.nodes.at(host);
    if (!observes || !asked.connected) return;
    if (observe.cluster()) asked.fresh.cluster = now_;
    if (observe.cib()) {
      asked.fresh.cib = now_;
      *asked.report.mutable_cib() = cib_;
    }
    if (observe.units()) asked.fresh.units = now_;
    if (observe.http()) asked.fresh.http = now_;
  };
  seams.progress = [this](const v1::ApplyProgress& progress) { progress_.push_back(progress); };
  const ApplyOrder order{"a-1", view_.description, "operator alice", "a test", allow_disruption};
  auto run = std::make_unique<ApplyRun>(order, seams);
  while (took() < absl::Hours(1)) {
    const std::optional<absl::Status> ended = run->Step(view_, now_);
    if (dead_) {
      dead_ = false;
      view_.results.clear();
      ++view_.epoch;
      run = std::make_unique<ApplyRun>(order, seams);
    } else if (ended.has_value()) {
      return *ended;
    }
    now_ += kTick;
    while (!events_.empty() && events_.begin()->first <= took()) events_.extract(events_.begin()).mapped()();
  }
  return absl::UnknownError("it has not ended after an hour");
}

bool ScriptedCluster::Take(const std::string& host, const v1::Action& action) {
  if (!reachable(host)) return false;
  bool durable = false;
  for (const v1::JournalRecord& record : journal_.records()) {
    durable |= record.action_issued().action().id() == action.id() && record.action_issued().host() == host;
  }
  // To look is no act: it is neither recorded nor counted.
  if (!action.has_predict_actions()) {
    dead_ = acts_++ == dies_at_act;
    if (dead_ && death == Death::kBeforeSending) return true;
    all_were_durable_ &= durable;
    sent_.push_back({host, action});
  }
  const auto found = answers.find(KindOf(action));
  switch (found == answers.end() ? Answer::kDoes : found->second) {
    case Answer::kDoes:
      view_.results[action.id()] = Do(action);
      break;
    case Answer::kDoesSilently:
      Do(action);
      break;
    case Answer::kNothing:
      break;
    case Answer::kRefuses:
      view_.results[action.id()] = Result(action, v1::ActionResult::OUTCOME_REFUSED, "a reason");
      break;
    case Answer::kIsBusy:
      view_.results[action.id()] = Result(action, v1::ActionResult::OUTCOME_REFUSED, "the cluster is in transition");
      view_.results[action.id()].set_in_transition(true);
      break;
    case Answer::kLiesItIsDone:
      view_.results[action.id()] = Result(action, v1::ActionResult::OUTCOME_DONE, "");
      break;
    case Answer::kGoesAwayDoing:
      Do(action);
      view_.results[action.id()] = Result(action, v1::ActionResult::OUTCOME_TIMED_OUT, "the agent went away");
      break;
  }
  if (!action.has_predict_actions()) after_send(sent_.back());
  return true;
}

v1::ActionResult ScriptedCluster::Do(const v1::Action& action) {
  v1::ActionResult result = Result(action, v1::ActionResult::OUTCOME_DONE, "");
  switch (action.kind_case()) {
    case v1::Action::kAcquireLock:
      if (lock_is_anothers) {
        result = Result(action, v1::ActionResult::OUTCOME_REFUSED, "another operation is running in this cluster: d-9");
        result.mutable_lock()->set_operation_id("d-9");
      } else {
        locked_ = true;
        cib_.clear_ours();
        v1::CibEntryFact* const lock = cib_.add_ours();
        lock->set_kind(v1::CibEntryFact::KIND_LOCK);
        lock->set_operation_id(action.operation_id());
      }
      break;
    case v1::Action::kReleaseLock:
      locked_ = false;
      cib_.clear_ours();
      break;
    case v1::Action::kCreateResource:
      AddPrimitive(action.create_resource().name(), action.create_resource().unit());
      break;
    case v1::Action::kCloneResource:
      Clone(action.clone_resource());
      break;
    case v1::Action::kSetMeta:
      SetMetaOf(action.set_meta());
      break;
    case v1::Action::kSetLbServer:
      for (v1::LbServerFact& fact : *view_.load_balancers.at("lb-01").report.mutable_lb_servers()) {
        if (fact.server() == action.set_lb_server().server()) fact.set_admin_state(action.set_lb_server().state());
      }
      break;
    case v1::Action::kRenewLock:
      break;
    case v1::Action::kPredictActions:
      for (const v1::Action& asked : action.predict_actions().actions()) *result.add_predictions() = predict(asked);
      break;
    default:
      result = Result(action, v1::ActionResult::OUTCOME_UNIMPLEMENTED, "no apply needs this");
  }
  return result;
}

void ScriptedCluster::Clone(const v1::CloneResource& clone) {
  for (v1::PrimitiveFact& primitive : *cib_.mutable_primitives()) {
    if (primitive.id() != clone.name()) continue;
    primitive.set_clone(clone.name() + "-clone");
    SetMeta(primitive.mutable_clone_meta(), "clone-max", clone.clone_max());
    SetMeta(primitive.mutable_clone_meta(), "clone-node-max", clone.clone_node_max());
  }
  StartInstances();
}

void ScriptedCluster::SetMetaOf(const v1::SetMeta& set) {
  for (v1::PrimitiveFact& primitive : *cib_.mutable_primitives()) {
    auto* const meta = primitive.id() == set.target()      ? primitive.mutable_meta()
                       : primitive.clone() == set.target() ? primitive.mutable_clone_meta()
                                                           : nullptr;
    if (meta == nullptr) continue;
    for (const v1::MetaAttribute& change : set.meta()) {
      for (int i = meta->size() - 1; i >= 0; --i) {
        if (meta->Get(i).name() == change.name()) meta->DeleteSubrange(i, 1);
      }
      if (!change.value().empty()) *meta->Add() = change;
    }
  }
}

void ScriptedCluster::StartInstances() {
  int started = 0;
  for (const auto& [node, unused] : view_.nodes) {
    if (started++ == most_instances) return;
    InEveryFact([&node = node](v1::ClusterFact* fact) {
      v1::InstanceFact* const instance = fact->add_instances();
      instance->set_agent("systemd:jetty9");
      instance->set_resource("web");
      instance->set_role("Started");
      instance->set_managed(true);
      instance->add_nodes(node);
    });
    v1::UnitFact* const unit = view_.nodes.at(node).report.mutable_units(0);
    unit->set_active_state("active");
    unit->set_main_pid(1000 + started);
  }
}

std::vector<std::string> ScriptedCluster::SentInWords() const {
  std::vector<std::string> words;
  for (const Sent& sent : sent_) words.push_back(absl::StrCat(KindOf(sent.action), " to ", sent.host));
  return words;
}

std::vector<std::string> ScriptedCluster::ProgressInWords() const {
  std::vector<std::string> words;
  for (const v1::ApplyProgress& progress : progress_) {
    words.push_back(absl::StrCat(v1::ApplyProgress::State_Name(progress.state()).substr(6), " ", progress.step(), ": ",
                                 progress.detail()));
  }
  return words;
}

}  // namespace jettyfleet
