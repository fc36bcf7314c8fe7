// Faults of one simulated node as its agent carries them out (agent/act/fault): the gate right before the act, the
// lease's durable record, its timer, the act, and between any two of them the agent may die. Records, timers and what
// is in force outlive the agent; only records outlive a boot.
#ifndef JETTYFLEET_TESTS_SIMULATION_SIM_FAULTS_H_
#define JETTYFLEET_TESTS_SIMULATION_SIM_FAULTS_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "proto/action.pb.h"
#include "tests/simulation/event_queue.h"
#include "tests/simulation/history.h"
#include "tests/simulation/sim_cluster.h"
#include "tests/simulation/sim_trouble.h"

namespace jettyfleet {

class SimFaults {
 public:
  using Done = std::function<void(v1::ActionResult)>;
  // What the agent does for one action: `Step` goes on after a while unless it has died meanwhile, as it may.
  struct Hands {
    std::function<void(absl::Duration, std::function<void()>)> step;
    std::function<void()> note_begun;
    absl::Duration timeout;  // what is left of the action's time
    Done done;
  };

  SimFaults(EventQueue* events, Chance* chance, History* history, SimCluster* cluster, std::string host,
            const Trouble* trouble);

  static bool IsFault(const v1::Action& action);
  // Ends with one call of `hands.done`, unless the agent dies.
  void Carry(const v1::Action& action, const Hands& hands);
  v1::ActionResult Undo(const std::string& lease_id);
  v1::ActionResult LookAtMeans() const;
  v1::ActionResult LookAtLeftovers(const v1::LookAtLeftovers& look) const;

  std::vector<v1::LeaseFact> Leases() const;
  bool HasRecords() const { return !records_.empty(); }

  // Clears away what is over, as a running agent does; the next time at the next lease's end.
  void Sweep();
  // The kernel and systemd's timers are gone; what `jettyfleet-agent sweep` finds at the boot is a record only.
  void PowerOff();
  void Boot();

  std::function<void()> on_leases_changed;
  // Asks the agent to call Sweep then, if it is the same process still.
  std::function<void(absl::Duration)> sweep_after;

  // For planting bugs.
  bool forgets_timer = false;
  bool acts_before_record = false;
  bool ignores_lease_end = false;
  bool undo_only_forgets = false;

 private:
  struct Record {
    v1::LeaseFact lease;
    int boots = 0;
    bool timed = false;
  };

  absl::Time LocalTime() const { return cluster_->LocalTime(host_); }
  // OUTCOME_DONE: the act may be done.
  v1::ActionResult Gate(const v1::Action& action) const;
  std::string WhyNotArmed(const v1::LeaseFact& wanted) const;
  v1::LeaseFact LeaseFor(const v1::Action& action) const;
  void CarryLeased(const v1::Action& action, const Hands& hands);
  void Arm(const v1::Action& action, const v1::LeaseFact& lease, const Hands& hands);
  void PutInForce(const v1::Action& action, const Hands& hands, const std::string& lease_id);
  void CarryOnce(const v1::Action& action, const Hands& hands);
  void Hit(const v1::Action& action);
  void Write(const v1::LeaseFact& lease);
  void StartTimer(const std::string& lease_id);
  void TimerFires(const std::string& lease_id, absl::Time end, int boots);
  void Force(const v1::Action& action, const std::string& lease_id);
  void LiftForce(const std::string& lease_id);
  // False: what was to lift it failed, and its record stays.
  bool End(const std::string& lease_id, bool may_fail);

  EventQueue* const events_;
  Chance* const chance_;
  History* const history_;
  SimCluster* const cluster_;
  const std::string host_;
  const Trouble* const trouble_;

  std::map<std::string, Record> records_;      // on disk, by lease id
  std::map<std::string, std::string> forced_;  // in the kernel: lease id to kind
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_SIMULATION_SIM_FAULTS_H_
