#include "coordinator/probe/reach_check.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
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

std::string NodeOf(const TrafficSettings& settings, const ReachQuestion& question, const Answer& answer) {
  CookieJar jar;
  for (const std::string& cookie : answer.set_cookies) jar.Store(cookie, absl::Now());
  const std::string session(jar.SessionValue());
  const std::string named = ReadEvidence(settings, answer.body, session).node;
  if (!named.empty()) return named;
  const std::size_t dot = session.rfind('.');
  const std::string worker = dot == std::string::npos ? "" : session.substr(dot + 1);
  if (question.nodes.contains(worker)) return worker;
  for (const std::string& cookie : answer.set_cookies) {
    const std::string pair = cookie.substr(0, cookie.find(';'));
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos) continue;
    const auto found = question.node_of_server.find(pair.substr(equals + 1));
    if (found != question.node_of_server.end()) return found->second;
  }
  return "";
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
      const std::string node = NodeOf(*settings, question, answer);
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
