#include "client/render/prediction_words.h"

#include "absl/strings/str_cat.h"

namespace jettyfleet {

std::string PredictionWords(const v1::PredictedTransition& predicted) {
  constexpr int kMostShown = 4;
  if (predicted.operations().empty()) return "nothing";
  std::string text;
  for (int i = 0; i < predicted.operations_size() && i < kMostShown; ++i) {
    const v1::PredictedOperation& operation = predicted.operations(i);
    absl::StrAppend(&text, i == 0 ? "" : ", ", operation.task(), " ",
                    operation.resource().empty() ? "" : absl::StrCat(operation.resource(), " on "), operation.node());
  }
  if (predicted.operations_size() > kMostShown) {
    absl::StrAppend(&text, " and ", predicted.operations_size() - kMostShown, " more");
  }
  return text;
}

}  // namespace jettyfleet
