#include "agent/inspect/path/path_job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;

TEST(PathJob, ComesBackFromItsArguments) {
  for (const PathJob::Kind kind : {PathJob::Kind::kInspect, PathJob::Kind::kPlaceMarker, PathJob::Kind::kLookForMarker,
                                   PathJob::Kind::kRemoveMarker}) {
    PathJob job;
    job.kind = kind;
    job.main_pid = 4294967295;
    job.user = "jetty";
    job.group = "--path=odd";
    job.content = "# two\n# lines\n";
    job.markers = {"a", ""};
    job.paths = {"/var/lib/x y", "--path=/z", "/\xff"};
    const absl::StatusOr<PathJob> read = FromArguments(ToArguments(job));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->kind, kind);
    EXPECT_EQ(read->main_pid, 4294967295);
    EXPECT_EQ(read->user, "jetty");
    EXPECT_EQ(read->group, "--path=odd");
    EXPECT_EQ(read->content, "# two\n# lines\n");
    EXPECT_THAT(read->markers, ElementsAre("a", ""));
    EXPECT_THAT(read->paths, ElementsAre("/var/lib/x y", "--path=/z", "/\xff"));
  }
}

TEST(PathJob, RefusesOtherArguments) {
  const std::vector<std::vector<std::string>> cases = {
      {},
      {"run"},
      {kPathWorkerName, "--kind=format"},
      {kPathWorkerName, "--pid=-1"},
      {kPathWorkerName, "--pid=x"},
      {kPathWorkerName, "--pid=4294967296"},
      {kPathWorkerName, "/path"},
      {kPathWorkerName, "--unknown=1"},
  };
  for (const std::vector<std::string>& arguments : cases) {
    EXPECT_EQ(FromArguments(arguments).status().code(), absl::StatusCode::kInvalidArgument)
        << (arguments.empty() ? "" : arguments.back());
  }
}

}  // namespace
}  // namespace jettyfleet
