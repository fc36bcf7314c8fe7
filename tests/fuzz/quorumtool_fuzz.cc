// What corosync-quorumtool prints, with each of its exit codes.
#include <cstdint>
#include <string>

#include "agent/observe/quorumtool.h"
#include "tests/fuzz/demand.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using jettyfleet::Demand;
  namespace v1 = jettyfleet::v1;
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const int exit_code : {-1, 0, 1, 2}) {
    const v1::QuorumFact fact = jettyfleet::ParseQuorumtool(exit_code, text);
    Demand(fact.quorate() == v1::ANSWER_UNSPECIFIED || fact.error().empty(), "an answer has no error");
    Demand(fact.quorate() != v1::ANSWER_UNSPECIFIED || !fact.error().empty(), "no answer says why");
    Demand(fact.quorate() != v1::ANSWER_YES || (exit_code == 0 && text.find("Yes") != std::string::npos),
           "quorate only where exit code and text say so");
    Demand(fact.quorate() != v1::ANSWER_NO || (exit_code == 2 && text.find("No") != std::string::npos),
           "not quorate only where exit code and text say so");
    Demand(fact.ByteSizeLong() <= 4 * size + 1024, "the fact is about as large as the text");
  }
  return 0;
}
