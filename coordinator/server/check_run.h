// One look at everything of one cluster, for `jettyfleet check`: asks all hosts at once, and gathers what they say.
#ifndef JETTYFLEET_COORDINATOR_SERVER_CHECK_RUN_H_
#define JETTYFLEET_COORDINATOR_SERVER_CHECK_RUN_H_

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/check/input.h"
#include "coordinator/fleet/view.h"
#include "proto/action.pb.h"
#include "proto/inspection.pb.h"
#include "proto/session.pb.h"

namespace jettyfleet {

struct CheckOrder {
  std::string id;             // "c-20261123-120000-12ab"; begins the names of all its actions
  std::string marker_random;  // check_actions.h, MarkerName
  bool rehash = false;
};

// Owned by CheckDesk; core thread only. Nothing blocks, and everything has an end: hosts that do not answer within 10 s
// are unknown (files that are all read again are given five minutes).
//
//   observe; inspect ──all are in──► look for markers; texts ──all are in──► remove markers ──all are in──► over
//                                                                 └► gathered
//
// Whoever was told to leave a marker is told to remove it, whatever came before. What an agent does not hear any more
// it removes by itself (Inspect.marker_life).
class CheckRun {
 public:
  // False: the host's agent is not connected, nothing was sent.
  using Send = std::function<bool(const std::string& host, const v1::Action& action)>;
  using Observe = std::function<void(const std::string& host, const v1::Observe& observe)>;

  CheckRun(CheckOrder order, Send send, Observe observe)
      : order_(std::move(order)), send_(std::move(send)), observe_(std::move(observe)) {}

  // To be called after every change of the view, and every 100 ms. The first call begins. Takes its results out of the
  // view.
  void Step(ClusterView* view, absl::Time now);

  // Nobody waits for it any more: as soon as no marker can be left any more, those that were are removed.
  void Abandon() { abandoned_ = true; }

  // Every connected host was observed since the beginning, or 10 s have passed.
  bool observed() const { return observed_; }
  // `hosts` is all that there will be.
  bool gathered() const { return phase_ == Phase::kRemove || phase_ == Phase::kOver; }
  bool over() const { return phase_ == Phase::kOver && observed_; }

  // When it began: what was read before is old. After the first Step.
  absl::Time since() const { return since_; }
  // By node.
  const std::map<std::string, HostLook>& hosts() const { return hosts_; }

 private:
  enum class Phase { kBegin, kInspect, kLook, kRemove, kOver };
  enum class Purpose { kInspect, kTexts, kLook, kRemove };
  // An action on its way.
  struct Flight {
    std::string node;
    Purpose purpose = Purpose::kInspect;
    absl::Time sent_at;
    absl::Time deadline;
  };

  void Begin(const ClusterView& view, absl::Time now);
  void ObserveAll(const ClusterView& view, absl::Time now);
  void BeginLook(const ClusterView& view, absl::Time now);
  void BeginTexts(const ClusterView& view, absl::Time now);
  void BeginRemove(const ClusterView& view, absl::Time now);
  // Takes in what has come. True: nothing is on its way any more.
  bool Gather(ClusterView* view, absl::Time now);
  void Take(const Flight& flight, v1::ActionResult result);
  // Nothing will come of it any more.
  void Miss(const Flight& flight, const absl::Status& why);
  void NoteClock(const v1::ActionResult& result, const Flight& flight, absl::Time now);
  bool Issue(const ClusterView& view, const std::string& node, Purpose purpose, v1::Action action, absl::Time now);

  const CheckOrder order_;
  const Send send_;
  const Observe observe_;
  Phase phase_ = Phase::kBegin;
  bool observed_ = false;
  bool abandoned_ = false;
  absl::Time since_;
  std::map<std::string, HostLook> hosts_;
  std::map<std::string, std::string> markers_;  // by node: what it was told to leave
  std::map<std::string, Flight> flights_;       // by action id
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_SERVER_CHECK_RUN_H_
