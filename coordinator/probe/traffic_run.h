// The probe at work: the schedule, the virtual users and their thread's loop.
#ifndef JETTYFLEET_COORDINATOR_PROBE_TRAFFIC_RUN_H_
#define JETTYFLEET_COORDINATOR_PROBE_TRAFFIC_RUN_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/mutex.h"
#include "absl/time/time.h"
#include "coordinator/probe/cookie_jar.h"
#include "coordinator/probe/request_schedule.h"
#include "coordinator/probe/seconds_tally.h"
#include "coordinator/probe/server_address.h"
#include "coordinator/probe/session_judge.h"
#include "coordinator/probe/traffic_settings.h"
#include "coordinator/probe/traffic_tally.h"
#include "coordinator/probe/user_connection.h"

namespace jettyfleet {

// Owned by HttpTrafficProbe. Run is called once, by the probe's own thread, and everything private happens on it; the
// other public calls may come from any thread.
class TrafficRun {
 public:
  // Requests that begin from the first moment of Run are counted in `window`.
  TrafficRun(TrafficSettings settings, const std::string& window);
  TrafficRun(const TrafficRun&) = delete;
  TrafficRun& operator=(const TrafficRun&) = delete;

  // Returns when StopSending was called and every request has ended, or at once after Abandon.
  void Run();

  void EnterWindow(const std::string& window);
  void StopSending();
  // Requests in flight are forgotten.
  void Abandon() { io_.stop(); }
  TrafficView Snapshot() const;
  std::vector<v1::TrafficSecond> Seconds() const;

 private:
  struct User {
    User(boost::asio::io_context& io, ServerAddress& address, const HttpUrl& url) : connection(io, address, url) {}
    UserConnection connection;
    CookieJar cookies;
    SessionJudge judge;
  };

  void WaitForDue();
  void SendDue();
  void Send(std::size_t user, absl::Duration due, const std::string& window);
  void OnAnswer(std::size_t user, absl::Duration due, const std::string& window, Answer answer);
  void FinishIfDone();

  const TrafficSettings settings_;
  boost::asio::io_context io_;
  boost::asio::steady_timer timer_;
  ServerAddress address_;
  std::optional<RequestSchedule> schedule_;  // set when sending begins
  std::vector<std::unique_ptr<User>> users_;
  // Longest idle first, so that every user's session is looked at in turn.
  std::deque<std::size_t> idle_;
  bool stopping_ = false;

  mutable Mutex mutex_;
  TrafficTally tally_ ABSL_GUARDED_BY(mutex_);
  SecondsTally seconds_ ABSL_GUARDED_BY(mutex_);
  bool running_ ABSL_GUARDED_BY(mutex_) = true;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PROBE_TRAFFIC_RUN_H_
