#include "agent/act/lease_timer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jettyfleet {
namespace {

using ::testing::ElementsAre;

TEST(UndoCommandTest, OfALoadBalancer) {
  EXPECT_THAT(UndoCommand("/usr/bin/jettyfleet-agent", "lb-01", "/var/lib/jettyfleet-agent", "/run/haproxy/admin.sock",
                          "jettyfleet-op-1-lb-node-01"),
              ElementsAre("/usr/bin/jettyfleet-agent", "--node=lb-01", "--state=/var/lib/jettyfleet-agent",
                          "--haproxy-socket=/run/haproxy/admin.sock", "undo", "jettyfleet-op-1-lb-node-01"));
}

// "--haproxy-socket=" would swallow "undo": seen on a node, whose fault then did not end.
TEST(UndoCommandTest, OfANodeNamesNoSocket) {
  EXPECT_THAT(UndoCommand("/usr/bin/jettyfleet-agent", "node-01", "/var/lib/jettyfleet-agent", "",
                          "jettyfleet-op-1-node-01-fault"),
              ElementsAre("/usr/bin/jettyfleet-agent", "--node=node-01", "--state=/var/lib/jettyfleet-agent", "undo",
                          "jettyfleet-op-1-node-01-fault"));
}

}  // namespace
}  // namespace jettyfleet
