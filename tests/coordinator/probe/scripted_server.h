// An HTTP server in the test's process that does what its script says, rude things included.
#ifndef JETTYFLEET_TESTS_COORDINATOR_PROBE_SCRIPTED_SERVER_H_
#define JETTYFLEET_TESTS_COORDINATOR_PROBE_SCRIPTED_SERVER_H_

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace jettyfleet {

// One request as the server saw it. Numbers count from 0.
struct SeenRequest {
  int connection;
  int on_connection;  // which request on that connection
  int total;          // which request of all
  std::string target;
  std::string host;
  std::string cookie;
};

struct Reply {
  enum class Then { kKeep, kClose, kReset, kHang };
  std::string bytes;  // sent as they are
  Then then = Then::kKeep;
};

// "HTTP/1.1 STATUS" with `body` and `headers` (each ending with CRLF).
Reply Respond(int status, const std::string& body = "", const std::string& headers = "");

// Owned by a test; on 127.0.0.1. One thread for each connection. `script` is called by one thread at a time.
class ScriptedServer {
 public:
  using Script = std::function<Reply(const SeenRequest&)>;

  explicit ScriptedServer(Script script);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::string Url(const std::string& target = "/") const;
  int requests() const { return requests_; }
  int connections() const { return connections_; }

 private:
  struct Connection {
    explicit Connection(boost::asio::ip::tcp::socket accepted) : socket(std::move(accepted)) {}
    boost::asio::ip::tcp::socket socket;
    std::thread thread;
  };

  void Accept();
  void Serve(Connection& connection, int number);

  const Script script_;
  std::mutex script_mutex_;
  std::atomic<int> requests_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<bool> stopping_ = false;
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::list<Connection> list_;  // by the accepting thread, and by the destructor after it
  std::mutex closing_mutex_;    // a socket must not be closed while the destructor shuts it down
  std::thread accepting_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_COORDINATOR_PROBE_SCRIPTED_SERVER_H_
