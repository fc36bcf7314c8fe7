#include "client/render/plan_view.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/render/text.h"

namespace jettyfleet {
namespace {

constexpr char kIndent[] = "  ";
constexpr char kDetail[] = "     ";

std::string PredictionWords(const v1::Prediction& prediction, bool colour) {
  if (prediction.predicted() != v1::ANSWER_YES) {
    return Paint(
        absl::StrCat("cannot be predicted", prediction.error().empty() ? "" : ": ", Harmless(prediction.error())),
        Tone::kUnknown, colour);
  }
  std::vector<std::string> words;
  for (const v1::PredictedOperation& operation : prediction.operations()) {
    words.push_back(Harmless(absl::StrCat(operation.task(), " ", operation.resource(), " on ", operation.node())));
  }
  return words.empty() ? "nothing" : absl::StrJoin(words, ", ");
}

}  // namespace

std::string RenderPlan(const v1::PlanResponse& response, bool colour) {
  std::string headline;
  if (!response.refused().empty()) {
    headline = Paint("refused", Tone::kBad, colour);
  } else if (response.steps().empty()) {
    headline = Paint("nothing to change", Tone::kGood, colour);
  } else {
    headline = absl::StrCat(response.steps_size(), response.steps_size() == 1 ? " step" : " steps");
  }
  std::string out = absl::StrCat("cluster ", Harmless(response.cluster()), ": ", headline,
                                 response.dc().empty() ? "" : "   DC ", Harmless(response.dc()), "\n");
  for (int i = 0; i < response.steps_size(); ++i) {
    const v1::PlannedStep& step = response.steps(i);
    absl::StrAppend(&out, "\n", kIndent, i + 1, ". ", Harmless(step.what()), "\n");
    absl::StrAppend(&out, kDetail, "because    ", Harmless(step.found()), "\n");
    if (!step.command().empty()) {
      absl::StrAppend(&out, kDetail, "command    ", Harmless(step.command()),
                      step.host().empty() ? "" : absl::StrCat("   (on ", Harmless(step.host()), ")"), "\n");
    }
    absl::StrAppend(&out, kDetail, "Pacemaker  ", PredictionWords(step.prediction(), colour), "\n");
    if (!step.disrupts().empty()) {
      absl::StrAppend(
          &out, kDetail,
          Paint(absl::StrCat("STOPS      ", Harmless(absl::StrJoin(step.disrupts(), ", "))), Tone::kBad, colour),
          "; apply needs --allow-disruption\n");
    }
  }
  if (!response.remarks().empty()) out += "\n";
  for (const std::string& remark : response.remarks()) {
    absl::StrAppend(&out, kIndent, "remark: ", Harmless(remark), "\n");
  }
  return out;
}

}  // namespace jettyfleet
