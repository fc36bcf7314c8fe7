#include "coordinator/probe/server_address.h"

#include <boost/asio/ip/address.hpp>
#include <utility>

namespace jettyfleet {

namespace net = boost::asio;
using net::ip::tcp;

ServerAddress::ServerAddress(net::io_context& io, const HttpUrl& url) : resolver_(io), port_(std::to_string(url.port)) {
  boost::system::error_code error;
  const net::ip::address address = net::ip::make_address(url.host, error);
  if (error) {
    name_ = url.host;
  } else {
    endpoints_.emplace_back(address, url.port);
  }
}

void ServerAddress::LookUp(std::function<void()> done) {
  if (name_.empty()) return done();
  looking_up_ = true;
  resolver_.async_resolve(
      name_, port_, tcp::resolver::numeric_service,
      [this, done = std::move(done)](boost::system::error_code error, const tcp::resolver::results_type& results) {
        looking_up_ = false;
        looked_up_at_ = std::chrono::steady_clock::now();
        // What was known stays when the name cannot be looked up just now.
        if (!error && !results.empty()) endpoints_.assign(results.begin(), results.end());
        done();
      });
}

void ServerAddress::OnConnectFailed() {
  if (name_.empty() || looking_up_) return;
  if (std::chrono::steady_clock::now() - looked_up_at_ < std::chrono::seconds(1)) return;
  LookUp([] {});
}

}  // namespace jettyfleet
