#include "coordinator/probe/traffic_run.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

namespace jettyfleet {

namespace net = boost::asio;

namespace {

absl::Duration MonotonicNow() { return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch()); }

std::chrono::steady_clock::time_point ToSteady(absl::Duration time) {
  return std::chrono::steady_clock::time_point(absl::ToChronoNanoseconds(time));
}

}  // namespace

TrafficRun::TrafficRun(TrafficSettings settings, const std::string& window)
    : settings_(std::move(settings)),
      io_(1),
      timer_(io_),
      address_(io_, settings_.url),
      tally_(settings_.virtual_users),
      seconds_(absl::Now(), MonotonicNow()) {
  for (std::size_t i = 0; i < settings_.virtual_users; ++i) {
    users_.push_back(std::make_unique<User>(io_, address_, settings_.url));
    idle_.push_back(i);
  }
  tally_.EnterWindow(window, MonotonicNow());
}

void TrafficRun::Run() {
  net::post(io_, [this] {
    address_.LookUp([this] {
      schedule_.emplace(MonotonicNow(), settings_.requests_per_second);
      if (stopping_) return FinishIfDone();
      SendDue();
    });
  });
  // Keeps the loop alive between the last answer and the next due time, and until StopSending.
  const auto work = net::make_work_guard(io_);
  io_.run();
}

void TrafficRun::EnterWindow(const std::string& window) {
  const MutexLock lock(mutex_);
  tally_.EnterWindow(window, MonotonicNow());
}

TrafficView TrafficRun::Snapshot() const {
  const MutexLock lock(mutex_);
  TrafficView view = tally_.Snapshot(MonotonicNow());
  view.running = running_;
  return view;
}

std::vector<v1::TrafficSecond> TrafficRun::Seconds() const {
  const MutexLock lock(mutex_);
  return seconds_.Rows(MonotonicNow());
}

void TrafficRun::StopSending() {
  net::post(io_, [this] {
    stopping_ = true;
    timer_.cancel();
    FinishIfDone();
  });
}

void TrafficRun::WaitForDue() {
  timer_.expires_at(ToSteady(schedule_->NextDue()));
  timer_.async_wait([this](boost::system::error_code) {
    if (!stopping_) SendDue();
  });
}

void TrafficRun::SendDue() {
  absl::Duration due;
  while (schedule_->TakeDue(MonotonicNow(), &due)) {
    std::string window;
    {
      const MutexLock lock(mutex_);
      window = tally_.Due(due);
      seconds_.Due(due);
      if (idle_.empty()) {
        tally_.NotSent();
        seconds_.NotSent(due);
        continue;
      }
      tally_.Sent();
      seconds_.Sent(due);
    }
    const std::size_t user = idle_.front();
    idle_.pop_front();
    Send(user, due, window);
  }
  WaitForDue();
}

void TrafficRun::Send(std::size_t user, absl::Duration due, const std::string& window) {
  User& sender = *users_[user];
  const auto deadline = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(settings_.timeout);
  sender.connection.Get(sender.cookies.Header(absl::Now()), deadline,
                        [this, user, due, window](Answer answer) { OnAnswer(user, due, window, std::move(answer)); });
}

void TrafficRun::OnAnswer(std::size_t user, absl::Duration due, const std::string& window, Answer answer) {
  const absl::Duration now = MonotonicNow();
  User& sender = *users_[user];
  const absl::Time wall_now = absl::Now();
  for (const std::string& cookie : answer.set_cookies) sender.cookies.Store(cookie, wall_now);
  if (answer.failure.has_value()) {
    const MutexLock lock(mutex_);
    tally_.Failed(window, *answer.failure);
    seconds_.Failed(due, *answer.failure);
  } else {
    const SessionEvidence evidence = ReadEvidence(settings_, answer.body, std::string(sender.cookies.SessionValue()));
    const SessionVerdict verdict = sender.judge.Judge(evidence);
    const MutexLock lock(mutex_);
    tally_.Succeeded(window, user, due, now, verdict, evidence.node);
    seconds_.Succeeded(due, now);
  }
  idle_.push_back(user);
  FinishIfDone();
}

void TrafficRun::FinishIfDone() {
  if (!stopping_ || !schedule_.has_value() || idle_.size() < users_.size()) return;
  for (const auto& user : users_) user->connection.Close();
  {
    const MutexLock lock(mutex_);
    const absl::Duration now = MonotonicNow();
    tally_.Finish(now);
    seconds_.Finish(now);
    running_ = false;
  }
  io_.stop();
}

}  // namespace jettyfleet
