#include "coordinator/probe/traffic_tally.h"

namespace jettyfleet {

WindowCounts* TrafficTally::Find(const std::string& window) {
  const auto found = windows_.find(window);
  return found == windows_.end() ? nullptr : &found->second;
}

void TrafficTally::EnterWindow(const std::string& window, absl::Duration now) {
  if (window == current_) return;
  if (WindowCounts* const left = Find(current_)) left->EndGap(now);
  current_ = window;
  if (window.empty() || windows_.size() >= kMostWindows) return;
  windows_.try_emplace(window, users_);
}

const std::string& TrafficTally::Due(absl::Duration due) {
  whole_.Due(due);
  if (WindowCounts* const current = Find(current_)) current->Due(due);
  return current_;
}

void TrafficTally::NotSent() {
  whole_.NotSent();
  if (WindowCounts* const current = Find(current_)) current->NotSent();
}

void TrafficTally::Sent() {
  whole_.Sent();
  if (WindowCounts* const current = Find(current_)) current->Sent();
}

void TrafficTally::Failed(const std::string& window, RequestFailure failure) {
  whole_.Failed(failure);
  if (WindowCounts* const counts = Find(window)) counts->Failed(failure);
}

void TrafficTally::Succeeded(const std::string& window, std::size_t user, absl::Duration due, absl::Duration now,
                             SessionVerdict verdict, const std::string& node) {
  whole_.Succeeded(user, now - due, verdict, node);
  if (WindowCounts* const counts = Find(window)) counts->Succeeded(user, now - due, verdict, node);
  whole_.EndGap(now);
  if (WindowCounts* const current = Find(current_)) current->EndGap(now);
}

void TrafficTally::Finish(absl::Duration now) {
  whole_.EndGap(now);
  if (WindowCounts* const current = Find(current_)) current->EndGap(now);
}

TrafficView TrafficTally::Snapshot(absl::Duration now) const {
  TrafficView view;
  view.windows[""] = whole_.Summary(now);
  for (const auto& [window, counts] : windows_) view.windows[window] = counts.Summary(now);
  return view;
}

}  // namespace jettyfleet
