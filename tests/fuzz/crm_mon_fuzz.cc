// What crm_mon and crmadmin print.
#include <cstdint>
#include <string>

#include "agent/observe/crm_mon.h"
#include "tests/fuzz/demand.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using jettyfleet::Demand;
  namespace v1 = jettyfleet::v1;
  const std::string xml(reinterpret_cast<const char*>(data), size);
  Demand(jettyfleet::ParseControllerState(xml).size() <= size, "a controller's state is part of what was printed");
  const absl::StatusOr<v1::ClusterFact> fact = jettyfleet::ParseCrmMon(xml);
  if (!fact.ok()) {
    Demand(absl::IsInvalidArgument(fact.status()) || absl::IsResourceExhausted(fact.status()),
           "not crm_mon's, or large");
    return 0;
  }
  Demand(fact->ByteSizeLong() <= jettyfleet::kLargestClusterFactBytes, "the facts fit in a message");
  if (fact->connected() != v1::ANSWER_YES) {
    Demand(!fact->error().empty(), "an answer other than connected says why");
    Demand(fact->nodes().empty() && fact->instances().empty() && fact->dc_present() == v1::ANSWER_UNSPECIFIED,
           "nothing is said of a cluster that is not connected");
    return 0;
  }
  Demand(xml.find("code") != std::string::npos && xml.find('0') != std::string::npos,
         "connected only where a status code of 0 is written");
  const auto written = [&xml](const char* word) { return xml.find(word) != std::string::npos; };
  Demand(fact->dc_present() != v1::ANSWER_YES || written("true"), "a DC is present only where true is written");
  Demand(fact->dc_present() != v1::ANSWER_NO || written("false"), "no DC is present only where false is written");
  Demand(fact->dc_with_quorum() != v1::ANSWER_YES || written("true"), "quorum only where true is written");
  Demand(fact->dc_with_quorum() != v1::ANSWER_NO || written("false"), "no quorum only where false is written");
  return 0;
}
