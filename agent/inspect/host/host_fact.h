// The host itself: kernel, release, packages, clock, and what of the cluster starts at boot.
#ifndef JETTYFLEET_AGENT_INSPECT_HOST_HOST_FACT_H_
#define JETTYFLEET_AGENT_INSPECT_HOST_HOST_FACT_H_

#include <string>
#include <vector>

#include "proto/inspection.pb.h"

namespace jettyfleet {

struct HostReading {
  v1::HostFact fact;
  // One line for each part that could not be read and is unknown; empty: all is known.
  std::vector<std::string> problems;
};

// Reads a few files and asks systemd once, 300 ms at most. Any thread.
HostReading ReadHost();

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_HOST_HOST_FACT_H_
