#include "agent/inspect/fit_result.h"

#include <algorithm>
#include <vector>

namespace jettyfleet {
namespace {

constexpr char kTooMuch[] = "left out: the answer would have become too large";

}  // namespace

void FitResult(std::size_t most_bytes, v1::ActionResult* result) {
  if (result->ByteSizeLong() <= most_bytes) return;
  std::vector<v1::TreeFact*> trees;
  for (v1::ResourceInspection& resource : *result->mutable_inspection()->mutable_resources()) {
    for (v1::TextFact& text : *resource.mutable_texts()) {
      text.clear_text();
      text.set_error(kTooMuch);
    }
    for (v1::TreeFact& tree : *resource.mutable_archives()) trees.push_back(&tree);
    for (v1::TreeFact& tree : *resource.mutable_configuration()) trees.push_back(&tree);
  }
  std::sort(trees.begin(), trees.end(), [](const v1::TreeFact* one, const v1::TreeFact* other) {
    return one->ByteSizeLong() > other->ByteSizeLong();
  });
  for (v1::TreeFact* const tree : trees) {
    if (result->ByteSizeLong() <= most_bytes) return;
    tree->clear_files();
    tree->set_files_cut_short(true);
  }
}

}  // namespace jettyfleet
