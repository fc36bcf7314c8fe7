#include "coordinator/probe/answering_node.h"

#include <cstddef>

namespace jettyfleet {

std::string AnsweringNode(const TrafficSettings& settings, const Answerers& answerers, const std::string& body,
                          const std::string& session, const std::vector<std::string>& cookies) {
  const std::string named = ReadEvidence(settings, body, session).node;
  if (!named.empty()) return named;
  const std::size_t dot = session.rfind('.');
  const std::string worker = dot == std::string::npos ? "" : session.substr(dot + 1);
  if (answerers.nodes.contains(worker)) return worker;
  for (const std::string& cookie : cookies) {
    const std::string pair = cookie.substr(0, cookie.find(';'));
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos) continue;
    const auto found = answerers.node_of_server.find(pair.substr(equals + 1));
    if (found != answerers.node_of_server.end()) return found->second;
  }
  return "";
}

}  // namespace jettyfleet
