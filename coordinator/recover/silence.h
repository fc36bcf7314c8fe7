// An instance whose unit is active and which does not serve: frozen, or without its port. Pacemaker's monitor of a
// systemd unit reads its state only, and sees neither (pacemaker-facts). Pure but for what it counts.
#ifndef JETTYFLEET_COORDINATOR_RECOVER_SILENCE_H_
#define JETTYFLEET_COORDINATOR_RECOVER_SILENCE_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "coordinator/fleet/view.h"
#include "proto/description.pb.h"

namespace jettyfleet {

// One for each process of an instance, part of RecoverWatch; core thread only.
//
// Counts probes in a row that failed. A probe is an answer to a question for units, ports and HTTP that was asked after
// the probe before it. It fails where a described port is bound by nobody, or where no HTTP answer came at all: one
// with another status is an answer, and starting again is no cure for it; nor is it for a port that somebody else
// holds. What is unknown neither fails nor passes. A process that was never seen to serve may still be starting: it is
// not counted.
class Silence {
 public:
  struct Todo {
    bool serves = false;
    bool ask = false;    // units, ports and HTTP of the node have to be read again
    bool waits = false;  // call Step again soon, also without a change
    std::string failed;  // as many probes as described have failed: what the last one saw, one line
  };

  // The unit is active, `host` is connected. `described` is the number of failed probes that make a failure.
  Todo Step(const HostView& host, const v1::ResourceDescription& resource, uint32_t described, absl::Time now);

  // When the last probe was counted.
  absl::Time counted_at() const { return counted_at_; }

  // Nothing was heard of the instance, or the unit was in another state: what was counted is not in a row any more.
  void Interrupt();
  // Something explains it, or it may not be told yet: it is counted again, after a while.
  void Postpone(absl::Time now);
  // Told: not counted again before it has served.
  void Settle() { settled_ = true; }

 private:
  void BeginAt(absl::Time next);

  bool served_ = false;
  bool settled_ = false;
  uint32_t failed_ = 0;
  // An answer counts as the next probe when everything was read at this time or later; InfinitePast: none is awaited.
  absl::Time next_ = absl::InfinitePast();
  absl::Time asked_at_ = absl::InfinitePast();
  absl::Time counted_at_ = absl::InfinitePast();
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_RECOVER_SILENCE_H_
