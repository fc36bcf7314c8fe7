#include "coordinator/rolling/order.h"

#include <algorithm>
#include <tuple>

namespace jettyfleet {

std::vector<std::string> VisitingOrder(const std::set<std::string>& nodes, const std::string& dc,
                                       const std::string& coordinator_node) {
  std::vector<std::string> order(nodes.begin(), nodes.end());
  std::sort(order.begin(), order.end(), [&](const std::string& a, const std::string& b) {
    return std::make_tuple(a == dc, a == coordinator_node, a) < std::make_tuple(b == dc, b == coordinator_node, b);
  });
  return order;
}

}  // namespace jettyfleet
