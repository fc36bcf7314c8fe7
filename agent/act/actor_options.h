// What the acting half of the agent and its one-shots are told by main.
#ifndef JETTYFLEET_AGENT_ACT_ACTOR_OPTIONS_H_
#define JETTYFLEET_AGENT_ACT_ACTOR_OPTIONS_H_

#include <functional>
#include <string>
#include <vector>

#include "agent/act/fault/host_paths.h"

namespace jettyfleet {

// How jettyfleet-stager is run, and where it fetches from.
struct StagerOptions {
  std::string program;                    // its path; empty: beside self_path
  std::vector<std::string> coordinators;  // HOST:PORT, tried in turn
  std::string pki;                        // directory with ca.pem, cert.pem and key.pem
};

struct ActorOptions {
  std::string node;            // this host's name
  std::string state_dir;       // /var/lib/jettyfleet-agent
  std::string haproxy_socket;  // empty: no HAProxy on this host
  std::string inspector_path;  // of jettyfleet-inspect; empty: beside self_path
  std::string self_path;       // of jettyfleet-agent, for timers; a symbolic link is resolved; empty: what is running
  StagerOptions stager;
  HostPaths paths;
  // The numeric address of the coordinator that this agent is connected to; empty, or no such function: not known.
  std::function<std::string()> coordinator_address;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_ACTOR_OPTIONS_H_
