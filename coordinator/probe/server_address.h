// Where the probe's URL leads: fixed for an address, looked up in the background for a name.
#ifndef JETTYFLEET_COORDINATOR_PROBE_SERVER_ADDRESS_H_
#define JETTYFLEET_COORDINATOR_PROBE_SERVER_ADDRESS_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "coordinator/probe/http_url.h"

namespace jettyfleet {

// Owned by TrafficRun, on its io thread. A name is looked up at the start and again when a connection could not be
// made, at most once a second: a thousand users that cannot connect must not become a thousand lookups.
class ServerAddress {
 public:
  using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

  ServerAddress(boost::asio::io_context& io, const HttpUrl& url);

  // In the order in which they are tried; empty: the name is not known (yet).
  const Endpoints& endpoints() const { return endpoints_; }

  // Looks the name up; `done` is called on the io thread when that has ended, either way, at once where there is
  // nothing to look up.
  void LookUp(std::function<void()> done);

  void OnConnectFailed();

 private:
  boost::asio::ip::tcp::resolver resolver_;
  std::string name_;  // empty: an address was given
  std::string port_;
  Endpoints endpoints_;
  bool looking_up_ = false;
  std::chrono::steady_clock::time_point looked_up_at_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PROBE_SERVER_ADDRESS_H_
