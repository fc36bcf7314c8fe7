#include "agent/inspect/fit_result.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "agent/observe/valid_text.h"

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

void MakeNamesValid(v1::ActionResult* result) {
  std::vector<std::string> texts;
  for (v1::ResourceInspection& resource : *result->mutable_inspection()->mutable_resources()) {
    for (v1::TextFact& text : *resource.mutable_texts()) texts.push_back(std::move(*text.mutable_text()));
  }
  MakeTextValid(result);
  std::size_t next = 0;
  for (v1::ResourceInspection& resource : *result->mutable_inspection()->mutable_resources()) {
    for (v1::TextFact& text : *resource.mutable_texts()) text.set_text(std::move(texts[next++]));
  }
}

}  // namespace jettyfleet
