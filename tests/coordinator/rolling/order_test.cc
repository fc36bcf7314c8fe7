#include "coordinator/rolling/order.h"

#include <gtest/gtest.h>

namespace jettyfleet {
namespace {

using Nodes = std::vector<std::string>;

TEST(VisitingOrder, IsByNameWithTheDcLast) {
  EXPECT_EQ(VisitingOrder({"c", "a", "b"}, "a", ""), (Nodes{"b", "c", "a"}));
}

TEST(VisitingOrder, PutsTheCoordinatorsNodeBeforeTheDc) {
  EXPECT_EQ(VisitingOrder({"c", "a", "b"}, "b", "a"), (Nodes{"c", "a", "b"}));
}

TEST(VisitingOrder, TakesACoordinatorOnTheDc) {
  EXPECT_EQ(VisitingOrder({"c", "a", "b"}, "a", "a"), (Nodes{"b", "c", "a"}));
}

TEST(VisitingOrder, NeedsNeitherAmongTheNodes) {
  EXPECT_EQ(VisitingOrder({"b", "a"}, "x", "y"), (Nodes{"a", "b"}));
  EXPECT_TRUE(VisitingOrder({}, "x", "y").empty());
}

}  // namespace
}  // namespace jettyfleet
