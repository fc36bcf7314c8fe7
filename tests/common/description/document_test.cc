// What docs/cluster-yaml.md shows is what ParseDescription takes.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/description/description_yaml.h"

namespace jettyfleet {
namespace {

std::string Document() {
  std::ifstream in("docs/cluster-yaml.md", std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> Examples(const std::string& document) {
  std::vector<std::string> examples;
  const std::string begin = "```yaml\n";
  for (std::size_t at = document.find(begin); at != std::string::npos; at = document.find(begin, at)) {
    at += begin.size();
    const std::size_t end = document.find("```", at);
    examples.push_back(document.substr(at, end - at));
    at = end;
  }
  return examples;
}

TEST(DocumentTest, ItsExamplesAreDescriptions) {
  const std::vector<std::string> examples = Examples(Document());
  ASSERT_EQ(examples.size(), 2u);
  for (const std::string& example : examples) {
    const auto read = ParseDescription(example, "example");
    EXPECT_TRUE(read.ok()) << read.status() << "\n" << example;
  }
}

// Every key that the complete example comes to, defaults and all, has its place in a table.
TEST(DocumentTest, ItNamesEveryKey) {
  const std::string document = Document();
  const auto read = ParseDescription(Examples(document).back(), "example");
  ASSERT_TRUE(read.ok()) << read.status();
  for (const auto* const message : {v1::ClusterDescription::descriptor(), v1::HealthDescription::descriptor(),
                                    v1::LoadBalancerDescription::descriptor(), v1::TrafficDescription::descriptor(),
                                    v1::PathsDescription::descriptor(), v1::SessionsDescription::descriptor(),
                                    v1::ParallelSafe::descriptor(), v1::IdentityDescription::descriptor(),
                                    v1::CheckOverride::descriptor(), v1::ResourceDescription::descriptor()}) {
    for (int i = 0; i < message->field_count(); ++i) {
      const std::string& field = message->field(i)->name();
      const bool resource = message == v1::ResourceDescription::descriptor();
      std::string key = field;
      if (resource && field == "clone_max") key = "clone.max";
      if (resource && field == "clone_node_max") key = "clone.node_max";
      if (resource && (field == "interleave" || field == "ordered")) key = absl::StrCat("clone.", field);
      if (resource && (field == "start_timeout" || field == "stop_timeout" || field == "monitor_timeout")) {
        key = absl::StrCat("operations.", field.substr(0, field.find('_')), ".timeout");
      }
      if (resource && field == "recover_after_failed_probes") key = "after_failed_probes";
      if (resource && field == "on_fail") key = "operations.monitor.on_fail";
      if (resource && (field == "health" || field == "paths" || field == "sessions" || field == "identity")) continue;
      const bool named = document.find(absl::StrCat("| `", key, "` |")) != std::string::npos ||
                         document.find(absl::StrCat("| `health.", key, "` |")) != std::string::npos ||
                         document.find(absl::StrCat("| `paths.", key, "` |")) != std::string::npos ||
                         document.find(absl::StrCat("| `identity.", key, "` |")) != std::string::npos;
      EXPECT_TRUE(named) << message->name() << "." << field;
    }
  }
}

}  // namespace
}  // namespace jettyfleet
