// A cluster of three nodes with their agents, as an apply sees it: does what it is told at once, and answers as a test
// wants it to.
#ifndef JETTYFLEET_TESTS_COORDINATOR_APPLY_SCRIPTED_CLUSTER_H_
#define JETTYFLEET_TESTS_COORDINATOR_APPLY_SCRIPTED_CLUSTER_H_

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "coordinator/apply/apply_run.h"
#include "coordinator/fleet/view.h"
#include "tests/testing/journal/memory_journal.h"

namespace jettyfleet {

// Owned by a test, on its thread. Nodes are node-01 to node-03, the DC is node-02; the CIB holds nothing at first.
class ScriptedCluster {
 public:
  struct Sent {
    std::string host;
    v1::Action action;
  };
  enum class Answer {
    kDoes,           // does it and says so
    kDoesSilently,   // does it; nobody hears of it
    kNothing,        // neither does it nor answers
    kRefuses,        // "a reason"
    kIsBusy,         // refuses because the cluster is in transition
    kLiesItIsDone,   // says done and has done nothing
    kGoesAwayDoing,  // does it; its agent's stream breaks before the answer
  };

  ScriptedCluster();

  // How an action is met, by the name of its kind ("create_resource"); what is not named is kDoes.
  std::map<std::string, Answer> answers;
  // Asked before each action: false is an agent that is not connected.
  std::function<bool(const std::string& host)> reachable = [](const std::string&) { return true; };
  // Called after each action was sent.
  std::function<void(const Sent&)> after_send = [](const Sent&) {};
  bool allow_disruption = false;
  // What Pacemaker is said to do; by default nothing to anything that runs.
  std::function<v1::Prediction(const v1::Action&)> predict = [](const v1::Action&) {
    v1::Prediction prediction;
    prediction.set_predicted(v1::ANSWER_YES);
    return prediction;
  };
  // Another's lock: acquiring is refused with it.
  bool lock_is_anothers = false;
  // Started on this many nodes once it is cloned.
  int most_instances = 3;
  // The coordinator dies at its so manyth act (from 0; -1: never), and the next one takes the apply up again in an
  // epoch of its own: before the act was sent, or once it was done and nobody is left to hear of it.
  int dies_at_act = -1;
  enum class Death { kBeforeSending, kBeforeTheAnswer };
  Death death = Death::kBeforeSending;
  // Whether hosts answer when asked to look again.
  bool observes = true;

  // Runs once when so much time has passed since it began.
  void At(absl::Duration after, std::function<void()> event) { events_.emplace(after, std::move(event)); }

  // Applies `description()` until it has ended, or for an hour of its clock: then Unknown.
  absl::Status Run();
  v1::ClusterDescription& description() { return view_.description; }

  ClusterView& view() { return view_; }
  MemoryJournal& journal() { return journal_; }
  // What every node sees of the cluster, in every node's report.
  void InEveryFact(const std::function<void(v1::ClusterFact*)>& change);
  void MoveDc(const std::string& node);
  // What the CIB holds. A host's report shows it once the host has been asked to look.
  v1::CibFact& cib() { return cib_; }
  v1::PrimitiveFact* AddPrimitive(const std::string& id, const std::string& unit);
  void StartInstances();

  const std::vector<Sent>& sent() const { return sent_; }
  // "KIND to HOST", in order; observations are not in it.
  std::vector<std::string> SentInWords() const;
  // "STATE STEP: DETAIL".
  std::vector<std::string> ProgressInWords() const;
  bool locked() const { return locked_; }
  bool all_were_durable() const { return all_were_durable_; }
  // How long the apply took.
  absl::Duration took() const { return now_ - began_; }

 private:
  bool Take(const std::string& host, const v1::Action& action);
  v1::ActionResult Do(const v1::Action& action);
  void Clone(const v1::CloneResource& clone);
  void SetMetaOf(const v1::SetMeta& set);

  ClusterView view_;
  v1::CibFact cib_;
  MemoryJournal journal_;
  const absl::Time began_;
  absl::Time now_;
  std::multimap<absl::Duration, std::function<void()>> events_;
  bool locked_ = false;
  bool dead_ = false;
  int acts_ = 0;
  bool all_were_durable_ = true;
  std::vector<Sent> sent_;
  std::vector<v1::ApplyProgress> progress_;
};

// "acquire_lock" and so on.
std::string KindOf(const v1::Action& action);

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_COORDINATOR_APPLY_SCRIPTED_CLUSTER_H_
