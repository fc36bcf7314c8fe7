#include "coordinator/probe/session_walk.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <utility>

#include "absl/time/clock.h"
#include "coordinator/probe/cookie_jar.h"
#include "coordinator/probe/request_failure.h"
#include "coordinator/probe/server_address.h"
#include "coordinator/probe/session_judge.h"
#include "coordinator/probe/traffic_settings.h"
#include "coordinator/probe/user_connection.h"

namespace jettyfleet {
namespace {

using SteadyClock = std::chrono::steady_clock;

struct Place {
  Place(boost::asio::io_context& io, TrafficSettings checked)
      : settings(std::move(checked)), address(io, settings.url), connection(io, address, settings.url) {}
  const TrafficSettings settings;
  ServerAddress address;
  UserConnection connection;
};

void Count(SessionVerdict verdict, WalkAnswer* answer) {
  switch (verdict) {
    case SessionVerdict::kEstablished:
    case SessionVerdict::kKept:
      ++answer->kept;
      return;
    case SessionVerdict::kMoved:
      ++answer->moved;
      return;
    case SessionVerdict::kRegressed:
      ++answer->regressed;
      return;
    case SessionVerdict::kLost:
      ++answer->lost;
      return;
    case SessionVerdict::kUnknown:
      ++answer->unknown;
      return;
  }
}

}  // namespace

WalkAnswer WalkSession(const WalkOrder& order, const std::atomic<bool>& stop) {
  WalkAnswer walked;
  boost::asio::io_context io;
  std::vector<std::unique_ptr<Place>> places;
  for (const std::string& url : order.urls) {
    v1::TrafficDescription traffic = order.traffic;
    traffic.set_url(url);
    absl::StatusOr<TrafficSettings> settings = CheckTraffic(traffic);
    if (!settings.ok()) {
      walked.usable = settings.status();
      return walked;
    }
    places.push_back(std::make_unique<Place>(io, *std::move(settings)));
    places.back()->address.LookUp([] {});
  }
  if (places.empty()) {
    walked.usable = absl::InvalidArgumentError("there is nothing to ask");
    return walked;
  }
  io.run();
  CookieJar jar;
  SessionJudge judge;
  const auto end = SteadyClock::now() + absl::ToChronoMilliseconds(order.longest);
  while (!stop && walked.requests < order.requests && SteadyClock::now() < end) {
    Place& place = *places[walked.requests % places.size()];
    ++walked.requests;
    const auto deadline = std::min(end, SteadyClock::now() + absl::ToChronoMilliseconds(place.settings.timeout));
    place.connection.Get(jar.Header(absl::Now()), deadline, [&](const Answer& answer) {
      for (const std::string& cookie : answer.set_cookies) jar.Store(cookie, absl::Now());
      if (answer.failure.has_value()) {
        ++walked.failures;
        if (walked.first_failure.empty()) walked.first_failure = FailureName(*answer.failure);
        return;
      }
      const SessionEvidence evidence = ReadEvidence(place.settings, answer.body, std::string(jar.SessionValue()));
      if (evidence.counter.has_value()) ++walked.counted;
      walked.nodes.push_back(
          AnsweringNode(place.settings, order.answerers, answer.body, evidence.cookie, answer.set_cookies));
      Count(judge.Judge(evidence), &walked);
    });
    io.restart();
    io.run();
    place.connection.Close();
  }
  return walked;
}

}  // namespace jettyfleet
