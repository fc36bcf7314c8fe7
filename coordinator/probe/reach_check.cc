#include "coordinator/probe/reach_check.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <utility>

#include "absl/time/clock.h"
#include "coordinator/probe/answering_node.h"
#include "coordinator/probe/cookie_jar.h"
#include "coordinator/probe/request_failure.h"
#include "coordinator/probe/server_address.h"
#include "coordinator/probe/traffic_settings.h"
#include "coordinator/probe/user_connection.h"

namespace jettyfleet {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr uint32_t kMostRequestsPerNode = 12;
constexpr std::chrono::seconds kLongest(10);

std::string NodeOf(const TrafficSettings& settings, const Answerers& answerers, const Answer& answer) {
  CookieJar jar;
  for (const std::string& cookie : answer.set_cookies) jar.Store(cookie, absl::Now());
  return AnsweringNode(settings, answerers, answer.body, std::string(jar.SessionValue()), answer.set_cookies);
}

bool AllHaveAnswered(const ReachQuestion& question, const ReachAnswer& so_far) {
  return std::all_of(question.nodes.begin(), question.nodes.end(),
                     [&so_far](const std::string& node) { return so_far.by_node.contains(node); });
}

}  // namespace

ReachAnswer AskUntilAllAnswer(const ReachQuestion& question, const std::atomic<bool>& stop) {
  ReachAnswer result;
  result.url = question.traffic.url();
  const absl::StatusOr<TrafficSettings> settings = CheckTraffic(question.traffic);
  if (!settings.ok()) {
    result.usable = settings.status();
    return result;
  }
  const Answerers answerers{question.nodes, question.node_of_server};
  const auto end = SteadyClock::now() + kLongest;
  boost::asio::io_context io;
  ServerAddress address(io, settings->url);
  UserConnection connection(io, address, settings->url);
  address.LookUp([] {});
  io.run();
  const uint32_t most = kMostRequestsPerNode * static_cast<uint32_t>(std::max<std::size_t>(question.nodes.size(), 1));
  while (!stop && result.requests < most && SteadyClock::now() < end && !AllHaveAnswered(question, result)) {
    ++result.requests;
    const auto deadline = std::min(end, SteadyClock::now() + absl::ToChronoMilliseconds(settings->timeout));
    connection.Get("", deadline, [&](const Answer& answer) {
      if (answer.failure.has_value()) {
        ++result.failures;
        if (result.first_failure.empty()) result.first_failure = FailureName(*answer.failure);
        return;
      }
      const std::string node = NodeOf(*settings, answerers, answer);
      if (node.empty()) {
        ++result.nameless;
      } else {
        ++result.by_node[node];
      }
    });
    io.restart();
    io.run();
    connection.Close();
  }
  return result;
}

}  // namespace jettyfleet
