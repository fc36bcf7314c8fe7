// Commands about the load balancers: route show, render, drain, restore, apply, shift.
#ifndef JETTYFLEET_CLIENT_COMMAND_ROUTE_COMMANDS_H_
#define JETTYFLEET_CLIENT_COMMAND_ROUTE_COMMANDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/console.h"
#include "client/exit_code.h"
#include "client/session.h"

namespace jettyfleet {

struct RouteArguments {
  std::string cluster;  // empty: the only one
  std::string node;
  std::string why;
  std::optional<absl::Duration> lease;
  std::optional<absl::Duration> deadline;
  bool take_over = false;
  // For shift.
  std::vector<std::string> nodes;
  std::vector<uint32_t> steps;
  std::optional<absl::Duration> hold;
  uint32_t budget_failures = 0;
};

// Yes: the cluster, the nodes and every load balancer agree.
ExitCode RunRouteShow(Session& session, const std::string& cluster);
// Needs no coordinator. `host` empty: the one configuration that all load balancers share.
ExitCode RunRouteRender(const Console& console, const std::string& file, const std::string& host);

// These show each step. Refused: a gate said no, or something else is under way.
ExitCode RunRouteApply(Session& session, const RouteArguments& arguments);
ExitCode RunRouteDrain(Session& session, const RouteArguments& arguments);
ExitCode RunRouteRestore(Session& session, const RouteArguments& arguments);
ExitCode RunRouteShift(Session& session, const RouteArguments& arguments);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_COMMAND_ROUTE_COMMANDS_H_
