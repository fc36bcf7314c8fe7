// The agent's inspector: reads one request, looks, prints the result, and ends. A program of its own, so that an agent
// neither stalls nor grows by what it reads, and so that a process with one thread can enter a unit's mount namespace.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>

#include "absl/time/clock.h"
#include "agent/inspect/fit_result.h"
#include "agent/inspect/inspect_host.h"
#include "agent/inspect/marker/markers.h"
#include "agent/inspect/path/path_worker.h"
#include "agent/inspect/valid_strings.h"
#include "common/proto_time.h"
#include "common/version.h"
#include "proto/action.pb.h"

namespace {

using namespace jettyfleet;

int Fail(const std::string& line) {
  std::cerr << "jettyfleet-inspect: " << line << "\n";
  return 1;
}

// Who asked waits no longer than the action's timeout, and what was read has to be kept and told by then.
absl::Time ReadUntil(const v1::Action& action) {
  const absl::Duration timeout = action.has_timeout() ? FromProto(action.timeout()) : absl::Minutes(1);
  return absl::Now() + std::max(timeout / 2, timeout - absl::Seconds(2));
}

v1::ActionResult Carry(const MarkerOptions& options, const v1::Action& action) {
  if (action.has_inspect()) return InspectHost(options, action.inspect(), ReadUntil(action));
  v1::ActionResult result;
  result.set_outcome(v1::ActionResult::OUTCOME_DONE);
  if (action.has_look_for_markers()) {
    for (v1::MarkerSighting& sighting : LookForMarkers(options, action.look_for_markers())) {
      *result.add_sightings() = std::move(sighting);
    }
    return result;
  }
  const absl::Status removed = RemoveMarkers(options, action.remove_markers().marker());
  if (!removed.ok()) {
    result.set_outcome(v1::ActionResult::OUTCOME_FAILED);
    result.set_message(std::string(removed.message()));
  }
  return result;
}

bool Print(const std::string& bytes) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t now = write(STDOUT_FILENO, bytes.data() + written, bytes.size() - written);
    if (now < 0 && errno != EINTR) return false;
    if (now > 0) written += static_cast<std::size_t>(now);
  }
  return true;
}

int Answer(const MarkerOptions& options, const std::string& request) {
  std::ifstream in(request, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  v1::Action action;
  const bool read = in.good() || in.eof();
  if (!read || !action.ParseFromString(bytes)) return Fail("no request in " + request);
  if (!action.has_inspect() && !action.has_look_for_markers() && !action.has_remove_markers()) {
    return Fail("the request in " + request + " is none that this program knows");
  }
  v1::ActionResult result = Carry(options, action);
  MakeStringsValid(&result);
  FitResult(kMostResultBytes, &result);
  return Print(result.SerializeAsString()) ? 0 : Fail("cannot print the result");
}

int Sweep(const MarkerOptions& options) {
  const MarkerSweep sweep = SweepMarkers(options, absl::Now());
  for (const std::string& marker : sweep.removed) std::cout << "removed " << marker << "\n";
  return sweep.status.ok() ? 0 : Fail(std::string(sweep.status.message()));
}

}  // namespace

int main(int argc, char** argv) {
  if (const std::optional<int> code = RunPathWorker(argc, argv); code.has_value()) return *code;
  MarkerOptions options;
  std::string request;
  bool sweep = false;
  CLI::App app("jettyfleet's inspector, started by the agent for one look at this host");
  app.set_version_flag("--version", kVersion);
  app.add_option("--state", options.state_dir, "the agent's state directory")->required();
  app.add_option("--node", options.node, "this host's name")->required();
  app.add_option("--request", request, "file with the request, as the agent writes it");
  app.add_flag("--sweep", sweep, "remove marker files whose time is over");
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGPIPE, SIG_IGN);
  if (sweep == !request.empty()) return Fail("give --request FILE, or --sweep");
  char self[4096];
  const ssize_t length = readlink("/proc/self/exe", self, sizeof self);
  if (length <= 0 || length == sizeof self) return Fail("cannot find out its own path");
  options.sweep_command = {std::string(self, static_cast<std::size_t>(length)),
                           "--state",
                           options.state_dir,
                           "--node",
                           options.node,
                           "--sweep"};
  return sweep ? Sweep(options) : Answer(options, request);
}
