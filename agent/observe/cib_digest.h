// One word for a cluster's configuration, so that nodes and times can be held against each other.
#ifndef JETTYFLEET_AGENT_OBSERVE_CIB_DIGEST_H_
#define JETTYFLEET_AGENT_OBSERVE_CIB_DIGEST_H_

#include <pugixml.hpp>
#include <string>

namespace jettyfleet {

// SHA-256 (hex) over a <configuration>. The order of attributes and blanks between elements do not count. Left out is
// what other facts tell by name, or what Pacemaker keeps for itself:
// - entries of ours that are leases, and the lock (not jettyfleet-avoid-, which is configuration);
// - cli-ban- and cli-prefer- constraints, and nodes' standby attribute: an operator's, at any time;
// - last-lrm-refresh, which a cleanup writes.
// Any thread; `configuration` is not changed.
std::string ConfigurationDigest(const pugi::xml_node& configuration);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_OBSERVE_CIB_DIGEST_H_
