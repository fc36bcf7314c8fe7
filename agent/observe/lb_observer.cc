#include "agent/observe/lb_observer.h"

#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/observe/haproxy_stat.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kAnswerTimeout = absl::Seconds(2);
constexpr std::size_t kMostUnmapped = 256;

bool SameFact(v1::LbServerFact a, v1::LbServerFact b) {
  for (v1::LbServerFact* const fact : {&a, &b}) {
    // What changes by itself all the time is not a change worth telling.
    fact->clear_observed_at();
    fact->clear_check_age_s();
    fact->clear_total_requests();
    fact->clear_current_sessions();
    fact->clear_cumulative_sessions();
  }
  return a.SerializeAsString() == b.SerializeAsString();
}

}  // namespace

LbObserver::LbObserver(Loop& loop, std::string socket, std::function<void(v1::HostChange)> on_change,
                       absl::Duration interval)
    : loop_(loop), socket_(loop, std::move(socket)), on_change_(std::move(on_change)), interval_(interval) {}

void LbObserver::SetWatched(std::vector<v1::WatchedServer> servers) {
  watched_ = std::move(servers);
  servers_.clear();
  next_.reset();
  Read([] {});
}

void LbObserver::Read(std::function<void()> done) {
  if (watched_.empty()) return done();
  waiting_.push_back(std::move(done));
  if (!under_way_) Begin();
}

void LbObserver::Begin() {
  under_way_ = true;
  served_.swap(waiting_);
  socket_.Ask("show stat", kAnswerTimeout, [this](absl::StatusOr<std::string> csv) { TakeStat(std::move(csv)); });
}

void LbObserver::TakeStat(absl::StatusOr<std::string> csv) {
  if (!csv.ok()) return End(std::string(csv.status().message()), {});
  absl::StatusOr<std::vector<v1::LbServerFact>> found = ParseShowStat(*csv);
  if (!found.ok()) return End(std::string(found.status().message()), {});
  socket_.Ask("show servers state", kAnswerTimeout,
              [this, found = *std::move(found)](absl::StatusOr<std::string> text) mutable {
                TakeStates(std::move(found), std::move(text));
              });
}

void LbObserver::TakeStates(std::vector<v1::LbServerFact> found, absl::StatusOr<std::string> text) {
  if (!text.ok()) return End(std::string(text.status().message()), {});
  if (const absl::Status read = ReadAdminStates(*text, &found); !read.ok()) return End(std::string(read.message()), {});
  End("", found);
}

void LbObserver::End(const std::string& error, const std::vector<v1::LbServerFact>& found) {
  v1::HostChange change;
  std::vector<v1::LbServerFact> now;
  for (const v1::WatchedServer& watched : watched_) {
    v1::LbServerFact fact;
    fact.set_backend(watched.backend());
    fact.set_server(watched.server());
    fact.set_error(error.empty() ? absl::StrCat("HAProxy has no server ", watched.backend(), "/", watched.server(),
                                                "; render it in its configuration")
                                 : error);
    for (const v1::LbServerFact& server : found) {
      if (server.backend() == watched.backend() && server.server() == watched.server()) fact = server;
    }
    fact.set_node(watched.node());
    now.push_back(std::move(fact));
  }
  AddUnmapped(found, &now);
  for (v1::LbServerFact& fact : now) {
    *fact.mutable_observed_at() = ToProto(absl::Now());
    bool known = false;
    for (const v1::LbServerFact& earlier : servers_) known |= SameFact(earlier, fact);
    if (!known || !served_.empty()) *change.add_lb_servers() = fact;
  }
  // What HAProxy does not say is unknown, and not gone.
  if (error.empty()) AddGone(now, &change);
  for (const v1::LbServerFact& fact : change.lb_servers()) passed_on_.emplace(fact.backend(), fact.server());
  servers_ = std::move(now);
  if (change.lb_servers_size() + change.lb_servers_gone_size() > 0) on_change_(std::move(change));
  under_way_ = false;
  std::vector<std::function<void()>> served;
  served.swap(served_);
  for (const std::function<void()>& done : served) done();
  ScheduleNext();
  if (!under_way_ && !waiting_.empty()) Begin();
}

void LbObserver::AddGone(const std::vector<v1::LbServerFact>& now, v1::HostChange* change) {
  std::set<std::pair<std::string, std::string>> present;
  for (const v1::LbServerFact& fact : now) present.emplace(fact.backend(), fact.server());
  for (auto passed_on = passed_on_.begin(); passed_on != passed_on_.end();) {
    if (present.contains(*passed_on)) {
      ++passed_on;
      continue;
    }
    v1::LbServerFact* const gone = change->add_lb_servers_gone();
    gone->set_backend(passed_on->first);
    gone->set_server(passed_on->second);
    passed_on = passed_on_.erase(passed_on);
  }
}

void LbObserver::AddUnmapped(const std::vector<v1::LbServerFact>& found, std::vector<v1::LbServerFact>* now) const {
  std::size_t unmapped = 0;
  for (const v1::LbServerFact& server : found) {
    bool backend_watched = false;
    bool server_watched = false;
    for (const v1::WatchedServer& watched : watched_) {
      if (server.backend() != watched.backend()) continue;
      backend_watched = true;
      server_watched |= server.server() == watched.server();
    }
    if (!backend_watched || server_watched || unmapped++ >= kMostUnmapped) continue;
    now->push_back(server);
  }
}

void LbObserver::ScheduleNext() {
  if (watched_.empty()) return;
  next_ = loop_.After(
      interval_,
      [this] {
        if (!under_way_) Begin();
      },
      interval_ / 10);
}

}  // namespace jettyfleet
