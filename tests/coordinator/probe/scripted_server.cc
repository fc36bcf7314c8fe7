#include "tests/coordinator/probe/scripted_server.h"

#include <sys/socket.h>

#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <utility>

namespace jettyfleet {

namespace net = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using net::ip::tcp;

Reply Respond(int status, const std::string& body, const std::string& headers) {
  return {"HTTP/1.1 " + std::to_string(status) + " Text\r\n" + headers +
          "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body};
}

ScriptedServer::ScriptedServer(Script script)
    : script_(std::move(script)), acceptor_(io_, tcp::endpoint(net::ip::address_v4::loopback(), 0)) {
  accepting_ = std::thread([this] { Accept(); });
}

ScriptedServer::~ScriptedServer() {
  stopping_ = true;
  // A blocking accept or read returns when its socket is shut down; closing alone would not wake it.
  ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
  accepting_.join();
  for (Connection& connection : list_) {
    {
      const std::lock_guard<std::mutex> lock(closing_mutex_);
      if (connection.socket.is_open()) ::shutdown(connection.socket.native_handle(), SHUT_RDWR);
    }
    connection.thread.join();
  }
}

std::string ScriptedServer::Url(const std::string& target) const {
  return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + target;
}

void ScriptedServer::Accept() {
  while (!stopping_) {
    error_code error;
    tcp::socket socket(io_);
    acceptor_.accept(socket, error);
    if (error) continue;
    Connection& connection = list_.emplace_back(std::move(socket));
    const int number = connections_++;
    connection.thread = std::thread([this, &connection, number] { Serve(connection, number); });
  }
}

void ScriptedServer::Serve(Connection& connection, int number) {
  tcp::socket& socket = connection.socket;
  boost::beast::flat_buffer buffer;
  for (int on_connection = 0;; ++on_connection) {
    http::request<http::empty_body> request;
    error_code error;
    http::read(socket, buffer, request, error);
    if (error) break;
    Reply reply;
    {
      const std::lock_guard<std::mutex> lock(script_mutex_);
      reply = script_({number, on_connection, requests_++, std::string(request.target()),
                       std::string(request[http::field::host]), std::string(request[http::field::cookie])});
    }
    net::write(socket, net::buffer(reply.bytes), error);
    if (reply.then == Reply::Then::kKeep) continue;
    if (reply.then == Reply::Then::kHang) {
      // Until the peer gives up or the server is shut down.
      char byte;
      socket.read_some(net::buffer(&byte, 1), error);
      break;
    }
    if (reply.then == Reply::Then::kReset) {
      socket.set_option(net::socket_base::linger(true, 0), error);
      const std::lock_guard<std::mutex> lock(closing_mutex_);
      socket.close(error);
      return;
    }
    break;
  }
  error_code ignored;
  socket.shutdown(tcp::socket::shutdown_both, ignored);
}

}  // namespace jettyfleet
