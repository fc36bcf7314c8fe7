#include "agent/observe/port_observer.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/log.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kReconcile = absl::Seconds(60);
// Jetty binds its port two to three seconds after its unit is active (measured).
constexpr absl::Duration kHurry = absl::Milliseconds(50);
constexpr int kHurriedDumps = 600;
constexpr absl::Duration kSlowHurry = absl::Seconds(1);
constexpr int kSlowDumps = 300;
constexpr absl::Duration kReconcileAccuracy = absl::Seconds(5);

bool SameFact(v1::PortFact a, v1::PortFact b) {
  a.clear_observed_at();
  b.clear_observed_at();
  return a.SerializeAsString() == b.SerializeAsString();
}

}  // namespace

PortObserver::PortObserver(Loop& loop, std::function<const v1::UnitFact*(const std::string&)> unit,
                           std::function<void(v1::HostChange)> on_change, ControlGroupRoots roots)
    : loop_(loop), unit_(std::move(unit)), on_change_(std::move(on_change)), roots_(std::move(roots)) {}

PortObserver::~PortObserver() {
  sd_event_source_disable_unref(events_);
  if (events_fd_ >= 0) close(events_fd_);
}

void PortObserver::SetWatched(std::vector<WatchedPort> ports) {
  if (ports == watched_) return;
  watched_ = std::move(ports);
  ports_.clear();
  WatchEvents();
  next_.reset();
  Read();
}

void PortObserver::OnUnitChanged() {
  hurried_ = 0;
  holders_.clear();
  Dump(false);
}

void PortObserver::Read() {
  hurried_ = 0;
  holders_.clear();
  Dump(true);
}

void PortObserver::WatchEvents() {
  if (events_fd_ < 0) {
    const absl::StatusOr<int> fd = OpenListenerDestroyEvents();
    if (!fd.ok()) {
      return LogWarning(absl::StrCat("a port's loss is noticed by dumps only: ", std::string(fd.status().message())));
    }
    events_fd_ = *fd;
    if (sd_event_add_io(loop_.event(), &events_, events_fd_, EPOLLIN, &PortObserver::OnDestroyed, this) < 0) {
      LogWarning("a port's loss is noticed by dumps only: the event loop takes no more descriptors");
    }
  }
  std::set<uint16_t> ports;
  for (const WatchedPort& watched : watched_) ports.insert(static_cast<uint16_t>(watched.port));
  if (const absl::Status filtered = FilterListenerDestroyEvents(events_fd_, ports); !filtered.ok()) {
    LogWarning(absl::StrCat("a port's loss is noticed by dumps only: ", std::string(filtered.message())));
  }
}

int PortObserver::OnDestroyed(sd_event_source*, int fd, uint32_t, void* observer) {
  PortObserver* const self = static_cast<PortObserver*>(observer);
  std::set<uint64_t> known;
  for (const auto& [key, fact] : self->ports_) {
    for (const v1::ListenerFact& listener : fact.listeners()) known.insert(listener.cookie());
  }
  bool ours = false;
  char buffer[16 << 10];
  while (true) {
    const ssize_t got = recv(fd, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      // Events were lost; only a dump tells what is there now.
      if (errno == ENOBUFS) {
        ours = true;
        continue;
      }
      break;
    }
    bool done = false;
    const absl::StatusOr<std::vector<Listener>> gone =
        ParseDiagMessages(absl::string_view(buffer, static_cast<std::size_t>(got)), &done);
    if (!gone.ok()) {
      ours = true;
      continue;
    }
    for (const Listener& listener : *gone) ours |= known.contains(listener.cookie);
  }
  if (ours) self->OnUnitChanged();
  return 0;
}

const PortObserver::Holder& PortObserver::HolderOf(const Listener& listener, const WatchedPort& watched) {
  const auto [found, first] = holders_.try_emplace({listener.cookie, watched.unit});
  Holder& holder = found->second;
  if (!first) return holder;
  const v1::UnitFact* const unit = unit_(watched.unit);
  // Without a word about the unit nothing can be said about what is the unit's.
  if (unit != nullptr && !unit->active_state().empty()) {
    holder.owned_by_unit = OwnedByControlGroup(listener, unit->control_group(), roots_);
    // A unit that does not run owns nothing, unless it left processes behind in its group.
    const bool runs = unit->active_state() != "inactive" && unit->active_state() != "failed";
    if (holder.owned_by_unit == v1::ANSWER_UNSPECIFIED && !runs) holder.owned_by_unit = v1::ANSWER_NO;
  }
  if (holder.owned_by_unit != v1::ANSWER_YES) holder.owner = DescribeHolder(listener.inode);
  return holder;
}

v1::PortFact PortObserver::Judge(const WatchedPort& watched, const std::vector<Listener>& listeners) {
  v1::PortFact fact;
  fact.set_resource(watched.resource);
  fact.set_port(watched.port);
  int strangers = 0, unknown = 0;
  for (const Listener& listener : listeners) {
    if (listener.port != watched.port) continue;
    const Holder& holder = HolderOf(listener, watched);
    v1::ListenerFact* const out = fact.add_listeners();
    out->set_address(listener.address);
    out->set_port(listener.port);
    out->set_cookie(listener.cookie);
    out->set_owned_by_unit(holder.owned_by_unit);
    out->set_owner(holder.owner);
    strangers += holder.owned_by_unit == v1::ANSWER_NO ? 1 : 0;
    unknown += holder.owned_by_unit == v1::ANSWER_UNSPECIFIED ? 1 : 0;
  }
  fact.set_bound(fact.listeners_size() > 0 ? v1::ANSWER_YES : v1::ANSWER_NO);
  if (strangers > 0 || fact.listeners_size() == 0) {
    fact.set_bound_by_unit(v1::ANSWER_NO);
  } else if (unknown == 0) {
    fact.set_bound_by_unit(v1::ANSWER_YES);
  }
  return fact;
}

void PortObserver::Dump(bool pass_on_all) {
  if (watched_.empty()) return;
  const absl::StatusOr<std::vector<Listener>> listeners = DumpListeners();
  v1::HostChange change;
  for (const WatchedPort& watched : watched_) {
    v1::PortFact fact;
    if (listeners.ok()) {
      fact = Judge(watched, *listeners);
    } else {
      fact.set_resource(watched.resource);
      fact.set_port(watched.port);
      fact.set_error(std::string(listeners.status().message()));
    }
    v1::PortFact& known = ports_[{watched.resource, watched.port}];
    const bool same = SameFact(known, fact);
    *fact.mutable_observed_at() = ToProto(absl::Now());
    known = fact;
    if (!same || pass_on_all) *change.add_ports() = std::move(fact);
    if (!same) hurried_ = 0;
  }
  if (change.ports_size() > 0) on_change_(std::move(change));
  ScheduleNext();
}

void PortObserver::ScheduleNext() {
  bool awaiting_bind = false;
  for (const WatchedPort& watched : watched_) {
    const v1::UnitFact* const unit = unit_(watched.unit);
    const bool running = unit != nullptr && (unit->active_state() == "active" || unit->active_state() == "activating");
    awaiting_bind |= running && ports_[{watched.resource, watched.port}].bound_by_unit() != v1::ANSWER_YES;
  }
  absl::Duration wait = kReconcile;
  absl::Duration accuracy = kReconcileAccuracy;
  const bool hurry = awaiting_bind && hurried_ < kHurriedDumps + kSlowDumps;
  if (hurry) {
    wait = hurried_ < kHurriedDumps ? kHurry : kSlowHurry;
    accuracy = wait / 10;
    ++hurried_;
  }
  next_ = loop_.After(
      wait,
      [this, hurry] {
        if (!hurry) holders_.clear();
        Dump(false);
      },
      accuracy);
}

}  // namespace jettyfleet
