#include "coordinator/probe/http_traffic_probe.h"

#include <utility>

#include "coordinator/probe/traffic_run.h"

namespace jettyfleet {

HttpTrafficProbe::HttpTrafficProbe() = default;

HttpTrafficProbe::~HttpTrafficProbe() {
  if (run_ != nullptr) run_->Abandon();
  if (thread_.joinable()) thread_.join();
}

absl::Status HttpTrafficProbe::Start(const v1::TrafficDescription& description) {
  const MutexLock lock(mutex_);
  if (stopped_) return absl::FailedPreconditionError("the traffic probe has been stopped and does not start again");
  if (run_ != nullptr) return absl::OkStatus();
  absl::StatusOr<TrafficSettings> settings = CheckTraffic(description);
  if (!settings.ok()) return settings.status();
  run_ = std::make_unique<TrafficRun>(*std::move(settings), window_);
  thread_ = std::thread([run = run_.get()] { run->Run(); });
  return absl::OkStatus();
}

void HttpTrafficProbe::EnterWindow(const std::string& window) {
  const MutexLock lock(mutex_);
  window_ = window;
  if (run_ != nullptr) run_->EnterWindow(window);
}

void HttpTrafficProbe::Stop() {
  const MutexLock lock(mutex_);
  if (run_ == nullptr || stopped_) return;
  stopped_ = true;
  run_->StopSending();
}

std::vector<v1::TrafficSecond> HttpTrafficProbe::Seconds() const {
  const MutexLock lock(mutex_);
  return run_ == nullptr ? std::vector<v1::TrafficSecond>() : run_->Seconds();
}

TrafficView HttpTrafficProbe::Snapshot() const {
  const MutexLock lock(mutex_);
  return run_ == nullptr ? TrafficView() : run_->Snapshot();
}

}  // namespace jettyfleet
