#include "coordinator/server/check_traffic.h"

#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace jettyfleet {
namespace {

// Were there no affinity among two nodes, and chance decided, all would stay by chance once in 4096 times.
constexpr int kSessions = 4;
constexpr uint32_t kRequestsPerSession = 4;
constexpr absl::Duration kLongest = absl::Seconds(10);

}  // namespace

std::vector<TrafficLook> LookAtTraffic(const std::vector<ReachQuestion>& questions, const std::atomic<bool>& stop) {
  std::vector<TrafficLook> looks;
  for (const ReachQuestion& question : questions) {
    TrafficLook look{question, AskUntilAllAnswer(question, stop), {}};
    // Where nobody answers there is no session either.
    const bool answered = look.reach.requests > look.reach.failures;
    const absl::Time end = absl::Now() + kLongest;
    for (int i = 0; answered && i < kSessions && !stop && absl::Now() < end; ++i) {
      WalkOrder order;
      order.traffic = question.traffic;
      order.urls = {question.traffic.url()};
      order.requests = kRequestsPerSession;
      order.longest = end - absl::Now();
      order.answerers = {question.nodes, question.node_of_server};
      look.sessions.push_back(WalkSession(order, stop));
    }
    looks.push_back(std::move(look));
  }
  return looks;
}

}  // namespace jettyfleet
