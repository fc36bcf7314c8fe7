// One primitive of the CIB as a resource of a description. Pure.
#ifndef JETTYFLEET_COORDINATOR_PLAN_DESCRIBE_RESOURCE_H_
#define JETTYFLEET_COORDINATOR_PLAN_DESCRIBE_RESOURCE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "proto/description.pb.h"
#include "proto/observation.pb.h"

namespace jettyfleet {

struct NodeCounts {
  std::size_t allowed = 0;  // on which the resource may run
  std::size_t all = 0;      // of the cluster
};

// All but ports and health. `known` is the same resource in the stored description, null where there is none: what the
// CIB knows nothing of is taken from it. Only what the CIB states is set; what it states and a description cannot say
// is added to `remarks`.
v1::ResourceDescription DescribeResource(const v1::PrimitiveFact& found, const v1::ResourceDescription* known,
                                         NodeCounts nodes, std::vector<std::string>* remarks);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PLAN_DESCRIBE_RESOURCE_H_
