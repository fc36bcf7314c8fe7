// Every duration and count that the rolling engine decides by, in one place, with its reason.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_TIMING_H_
#define JETTYFLEET_COORDINATOR_ROLLING_TIMING_H_

#include "absl/time/time.h"

namespace jettyfleet {

// The operation lock outlives a coordinator that died by at most this; it is renewed at half of it.
inline constexpr absl::Duration kLockDuration = absl::Minutes(2);
// A lock with less than this left is as good as lost: what is in flight must end under it.
inline constexpr absl::Duration kLockReserve = absl::Seconds(20);

// An act that has not begun this long after it was sent is refused by the agent.
inline constexpr absl::Duration kActWindow = absl::Seconds(5);
// pcs takes 0.4 to 5 s on a loaded node (measured); a hung one is killed after this.
inline constexpr absl::Duration kCibActionTimeout = absl::Seconds(20);
inline constexpr absl::Duration kLbActionTimeout = absl::Seconds(5);
// Arming a timer, then nft, a signal or cgroup.freeze; a stop of a unit is only begun within it.
inline constexpr absl::Duration kFaultActionTimeout = absl::Seconds(20);
// Of an archive: 1 GiB at 1 MiB/s, and a little.
inline constexpr absl::Duration kStageTimeout = absl::Minutes(20);
// On all nodes, which fetch side by side, with room for one that has to be told again.
inline constexpr absl::Duration kStagingDeadline = absl::Minutes(25);
// Four digests of the largest usual archive (200 MiB in 0.15 s each, measured, on a busy disk ten times that).
inline constexpr absl::Duration kSwitchTimeout = absl::Seconds(30);
// Before the lease's end nothing is put in place any more: a rename, its sync, and the answer.
inline constexpr absl::Duration kSwitchReserve = absl::Seconds(5);
// With less than this left a switch is not begun.
inline constexpr absl::Duration kShortestSwitch = absl::Seconds(3);
// Earlier archives that nodes keep, for going back.
inline constexpr int kKeptReleases = 3;
// Fencing's device takes its time (the lab's: under 1 s, a power switch's: up to 20 s or so). With the act's window and
// the wait for its answer it must stay below what an old lock still has left.
inline constexpr absl::Duration kFenceActionTimeout = absl::Seconds(30);
// A cluster's daemon that was killed and whose node is still whole after this has recovered in place: pacemakerd starts
// it again within a second, and Corosync's membership takes 8 s to change (measured).
inline constexpr absl::Duration kDaemonSettle = absl::Seconds(12);
// How long after an action's last possible end its answer is waited for. Covers the clocks' disagreement too.
inline constexpr absl::Duration kAnswerGrace = absl::Seconds(3);

// Pacemaker looked 2 s after a rule's end (measured); after this a lease counts as over by itself.
inline constexpr absl::Duration kLeaseEndMargin = absl::Seconds(5);
// After its end a lease holds nothing; for this long its remains are still tidied away where that is possible.
inline constexpr absl::Duration kTidyTime = absl::Seconds(30);
// The shortest hold in the CIB that is worth beginning: the act's own window and a little to see it work.
inline constexpr absl::Duration kShortestHold = absl::Seconds(15);

// Host clocks may differ from the coordinator's by this much; more is refused, since leases end by them.
inline constexpr absl::Duration kClockTolerance = absl::Seconds(3);

// How old a fact may get before it is asked for again, while something waits for it. crm_mon, quorumtool and crmadmin
// take 40 ms together, a unit's state and sockets 2 ms (measured).
inline constexpr absl::Duration kClusterPoll = absl::Milliseconds(400);
inline constexpr absl::Duration kUnitPoll = absl::Milliseconds(150);
inline constexpr absl::Duration kHttpPoll = absl::Milliseconds(150);
inline constexpr absl::Duration kLbPoll = absl::Milliseconds(200);
// While an operation restores, what was read of the CIB counts this long: another side's CIB may win at any moment.
inline constexpr absl::Duration kCibStaysCurrent = absl::Seconds(2);
inline constexpr absl::Duration kGatePoll = absl::Seconds(1);
// Traffic measured before a node once more, by a coordinator that was started again meanwhile: 150 requests at the
// usual rate, and an operator who waits for the drill to go on.
inline constexpr absl::Duration kBaselineAgain = absl::Seconds(3);
// Nothing is waited for by a timer alone longer than this.
inline constexpr absl::Duration kLongestSleep = absl::Seconds(5);

// HAProxy calls a server UP from the moment it is made ready and shows the last check of before; its default interval
// is 2 s, so after this the check that it shows has been made since.
inline constexpr absl::Duration kLbCheckSettle = absl::Milliseconds(2500);
// With return: stay, how long a server without an instance may take to be seen down before it is made ready again.
inline constexpr absl::Duration kLbDownWait = absl::Seconds(10);

// Fewer answers of a node than this tell nothing about how fast it is; a cold start's first answers are among them.
inline constexpr int kFewestAnswers = 30;
// So many tell it before the time is over.
inline constexpr int kManyAnswers = 500;
// What is slower by less than this is not called so, however fast it was: on a busy machine the medians of two runs of
// the same application differ by a few milliseconds (measured).
inline constexpr absl::Duration kLeastSlower = absl::Milliseconds(20);

// Requests in flight when the traffic ends are waited for this long.
inline constexpr absl::Duration kTrafficEndWait = absl::Seconds(10);

// A forward action whose outcome stays unknown is sent this many times at most, each time only when the fresh state
// still asks for it.
inline constexpr int kForwardAttempts = 3;
inline constexpr int kReleaseAttempts = 5;
// Undo is repeated until it is seen done, with this much between attempts at most.
inline constexpr absl::Duration kUndoBackoff = absl::Seconds(8);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_TIMING_H_
