#include "agent/inspect/fit_result.h"

#include <gtest/gtest.h>

#include <string>

namespace jettyfleet {
namespace {

// One resource with a short tree, a long one, and a text.
v1::ActionResult SomeResult() {
  v1::ActionResult result;
  v1::ResourceInspection* const resource = result.mutable_inspection()->add_resources();
  resource->set_resource("jetty");
  resource->add_texts()->set_text(std::string(1000, 't'));
  for (const int files : {2, 20}) {
    v1::TreeFact* const tree = files == 2 ? resource->add_archives() : resource->add_configuration();
    tree->set_sha256("over all");
    for (int i = 0; i < files; ++i) tree->add_files()->set_path(std::string(100, 'p'));
  }
  return result;
}

TEST(FitResult, LeavesOutNoMoreThanItMust) {
  const std::size_t whole = SomeResult().ByteSizeLong();
  const struct {
    const char* what;
    std::size_t most;
    bool text;
    int archives;
    int configuration;
  } kCases[] = {
      {"fits", whole, true, 2, 20},
      {"a byte too much", whole - 1, false, 2, 20},
      {"without the text", whole - 900, false, 2, 20},
      {"without the longest list", whole - 1500, false, 2, 0},
      {"nothing but the digests", 200, false, 0, 0},
      {"never all of it", 1, false, 0, 0},
  };
  for (const auto& one : kCases) {
    v1::ActionResult result = SomeResult();
    FitResult(one.most, &result);
    const v1::ResourceInspection& resource = result.inspection().resources(0);
    EXPECT_EQ(!resource.texts(0).text().empty(), one.text) << one.what;
    EXPECT_EQ(resource.texts(0).error().empty(), one.text) << one.what;
    EXPECT_EQ(resource.archives(0).files_size(), one.archives) << one.what;
    EXPECT_EQ(resource.archives(0).files_cut_short(), one.archives == 0) << one.what;
    EXPECT_EQ(resource.configuration(0).files_size(), one.configuration) << one.what;
    EXPECT_EQ(resource.configuration(0).sha256(), "over all") << one.what;
  }
}

}  // namespace
}  // namespace jettyfleet
