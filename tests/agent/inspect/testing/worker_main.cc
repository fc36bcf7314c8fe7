// A test's main that can also be the path worker, which is the test's own program started again.
#include <gmock/gmock.h>

#include <optional>

#include "agent/inspect/path/path_worker.h"

int main(int argc, char** argv) {
  if (const std::optional<int> worker = jettyfleet::RunPathWorker(argc, argv); worker.has_value()) return *worker;
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
