#include "coordinator/rolling/votes.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

bool HasFlag(const v1::QuorumFact& quorum, const std::string& flag) {
  return std::find(quorum.flags().begin(), quorum.flags().end(), flag) != quorum.flags().end();
}

}  // namespace

std::string VotesProblem(const v1::ClusterFact& fact) {
  const v1::QuorumFact& quorum = fact.quorum();
  if (quorum.expected_votes() == 0 || quorum.total_votes() == 0 || quorum.quorum() == 0) {
    return "the cluster's votes are not known";
  }
  if (quorum.total_votes() < quorum.expected_votes()) {
    return absl::StrCat("only ", quorum.total_votes(), " of ", quorum.expected_votes(), " votes are present");
  }
  const bool qdevice = HasFlag(quorum, "Qdevice");
  const uint32_t nodes = fact.nodes_size();
  if (!qdevice && quorum.expected_votes() != nodes) {
    return absl::StrCat("the nodes do not have one vote each (", quorum.expected_votes(), " votes, ", nodes,
                        " nodes), so what the loss of one costs is not known");
  }
  if (HasFlag(quorum, "2Node")) {
    // Each side of a split keeps quorum with two_node: only fencing decides who goes on. With wait_for_all the survivor
    // stays quorate too; it would wait only after its own restart.
    return fact.stonith_enabled() ? "" : "two_node without fencing: a split would leave both sides quorate";
  }
  if (quorum.total_votes() - 1 < quorum.quorum()) {
    return absl::StrCat("the loss of one more vote would end quorum (", quorum.total_votes(), " votes, quorum ",
                        quorum.quorum(), ")");
  }
  return "";
}

}  // namespace jettyfleet
