// Whether something explains that an instance does not run, or does not serve, so that it is nobody's failure. Pure.
#ifndef JETTYFLEET_COORDINATOR_RECOVER_EXPLANATION_H_
#define JETTYFLEET_COORDINATOR_RECOVER_EXPLANATION_H_

#include <string>

#include "absl/time/time.h"
#include "coordinator/fleet/view.h"
#include "proto/description.pb.h"

namespace jettyfleet {

struct Explanation {
  enum class Kind {
    kNotKnown,     // the facts that would tell are not there yet: wait
    kExplained,    // somebody meant it, or Pacemaker knows it already
    kUnexplained,  // it is Pacemaker's to be told of
  };
  Kind kind = Kind::kNotKnown;
  std::string look;       // kNotKnown: this node (the DC) has to read cluster and CIB again; empty: there is no DC
  std::string primitive;  // kUnexplained: the primitive's id in the cluster
};

// Of the instance of `resource` on `node`, which is in the view. Believed is only what the DC has read of the cluster
// and of the CIB at `since` or later, while it was idle. `busy`: an operation, an apply or a change of the load
// balancers is under way. A lease that the node itself has recorded explains it too: it outlives lock and operation
// where those were lost.
Explanation Explain(const ClusterView& view, const v1::ResourceDescription& resource, const std::string& node,
                    bool busy, absl::Time since);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_RECOVER_EXPLANATION_H_
