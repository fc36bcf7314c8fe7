// What a file, or a directory with all below it, holds: one digest for each file and one over all.
#ifndef JETTYFLEET_AGENT_INSPECT_DIGEST_TREE_DIGEST_H_
#define JETTYFLEET_AGENT_INSPECT_DIGEST_TREE_DIGEST_H_

#include <string>

#include "agent/inspect/digest/digest_cache.h"
#include "agent/inspect/digest/tree_walk.h"
#include "proto/inspection.pb.h"

namespace jettyfleet {

// A symbolic link counts by its text and is not followed, but for `root` itself; what is neither file, directory nor
// link is named in an error of its own and not opened. A file that changes while it is read is read again, three times
// at most. Access times are left alone where the reader may. The digest is over names as they are on disk; told are
// those of ShownName. Past a limit of the walk the tree's `error` says which; a file that cannot be read, or for which
// no time was left, has an error that is the tree's as well; the tree's digest is empty then. What was read is in the
// cache, so that the next time gets further. Blocks, for little longer than limits.until where the file system answers;
// any thread. Memory: about 300 bytes and a path for each file, whatever their size.
v1::TreeFact DigestTree(const std::string& root, DigestCache* cache, const TreeLimits& limits = TreeLimits());

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_DIGEST_TREE_DIGEST_H_
