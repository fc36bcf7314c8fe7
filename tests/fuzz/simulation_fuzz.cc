// What crm_simulate prints.
#include <cstdint>
#include <string>

#include "agent/act/simulation.h"
#include "tests/fuzz/demand.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using jettyfleet::Demand;
  namespace v1 = jettyfleet::v1;
  const std::string xml(reinterpret_cast<const char*>(data), size);
  const v1::Prediction prediction = jettyfleet::ReadSimulation(xml);
  Demand(prediction.ByteSizeLong() <= 4 * size + 1024, "the prediction is about as large as the text");
  if (prediction.predicted() != v1::ANSWER_YES) {
    Demand(prediction.predicted() == v1::ANSWER_UNSPECIFIED, "there is no negative prediction");
    Demand(!prediction.error().empty(), "what is not predicted says why");
    Demand(prediction.operations().empty() && prediction.placements().empty(), "what is not predicted says no more");
    return 0;
  }
  Demand(prediction.error().empty(), "a prediction has no error");
  Demand(xml.find("<transition") != std::string::npos, "only what holds a transition says what would be done");
  Demand(prediction.operations_size() <= 1000, "operations are bounded");
  for (const v1::PredictedOperation& operation : prediction.operations()) {
    Demand(operation.task().size() <= 20, "only tasks about instances");
  }
  Demand(v1::Prediction().ParseFromString(prediction.SerializeAsString()), "a peer can read it");
  return 0;
}
