// Names in the order in which they were first said.
#ifndef JETTYFLEET_AGENT_INSPECT_JETTY_NAMES_ONCE_H_
#define JETTYFLEET_AGENT_INSPECT_JETTY_NAMES_ONCE_H_

#include <cstddef>
#include <string>
#include <unordered_set>
#include <vector>

#include "absl/strings/string_view.h"

namespace jettyfleet {

// Adding and asking take the same time however many there are. A value: copied with its owner, one thread at a time.
class NamesOnce {
 public:
  bool Has(absl::string_view name) const { return known_.count(std::string(name)) > 0; }
  // A name that is in there stays where it is.
  void Add(absl::string_view name) {
    if (known_.insert(std::string(name)).second) in_order_.emplace_back(name);
  }
  const std::vector<std::string>& in_order() const { return in_order_; }
  std::size_t size() const { return in_order_.size(); }

 private:
  std::vector<std::string> in_order_;
  std::unordered_set<std::string> known_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_JETTY_NAMES_ONCE_H_
