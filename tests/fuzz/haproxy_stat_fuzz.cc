// HAProxy's `show stat` and `show servers state`: one after the other in the input, a NUL between them; without a NUL
// both are the same text.
#include <cstdint>
#include <string>
#include <vector>

#include "agent/observe/haproxy_stat.h"
#include "tests/fuzz/demand.h"

namespace jettyfleet {
namespace {

void CheckServers(const std::string& stat, const std::vector<v1::LbServerFact>& servers) {
  std::size_t bytes = 0;
  for (const v1::LbServerFact& server : servers) {
    bytes += server.ByteSizeLong();
    Demand(server.admin_state() == v1::LbServerFact::ADMIN_STATE_UNSPECIFIED, "show stat says nothing of its state");
  }
  Demand(bytes <= 4 * stat.size() + 1024, "the facts are about as large as the text");
}

void Check(const std::string& input) {
  const std::size_t end = input.find('\0');
  const std::string stat = input.substr(0, end);
  const std::string states = end == std::string::npos ? input : input.substr(end + 1);
  absl::StatusOr<std::vector<v1::LbServerFact>> read = ParseShowStat(stat);
  if (read.ok()) {
    CheckServers(stat, *read);
    Demand(stat.find("svname") != std::string::npos, "only what has a header is an answer");
  } else {
    Demand(absl::IsInvalidArgument(read.status()), "what is not HAProxy's is InvalidArgument");
  }
  std::vector<v1::LbServerFact> servers = read.ok() ? *read : std::vector<v1::LbServerFact>();
  const std::size_t before = servers.size();
  const absl::Status status = ReadAdminStates(states, &servers);
  Demand(servers.size() == before, "states make no servers");
  if (!status.ok()) return Demand(absl::IsInvalidArgument(status), "what is not HAProxy's is InvalidArgument");
  for (const v1::LbServerFact& server : servers) {
    if (server.admin_state() == v1::LbServerFact::ADMIN_STATE_UNSPECIFIED) continue;
    Demand(states.find(server.server()) != std::string::npos, "a state belongs to a server that is named");
    Demand(server.port() <= 65535, "a port is one");
    Demand(server.weight() <= 256 && server.initial_weight() <= 256, "a weight is one");
  }
}

}  // namespace
}  // namespace jettyfleet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  jettyfleet::Check(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
