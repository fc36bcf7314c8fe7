#include "agent/observe/http_probe.h"

#include <re2/re2.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <cerrno>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/proto_time.h"
#include "common/version.h"

namespace jettyfleet {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

// Read no further than this, however long the body is.
constexpr std::size_t kLargestBody = 64 << 10;
constexpr int64_t kPatternMemoryBytes = 1 << 20;
constexpr std::size_t kLongestPath = 2048;
constexpr std::size_t kLongestVersion = 64;

bool IsTarget(const std::string& path) {
  return !path.empty() && path[0] == '/' && path.size() <= kLongestPath &&
         std::all_of(path.begin(), path.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

// Failures of this process or host, which say nothing about Jetty.
bool CouldNotTry(const beast::error_code& error) {
  for (const int code : {EMFILE, ENFILE, ENOMEM, ENOBUFS, EADDRNOTAVAIL, EACCES, EPERM, ENETDOWN, ENETUNREACH}) {
    if (error == beast::error_code(code, boost::system::system_category())) return true;
  }
  return false;
}

// One request; keeps itself alive until its end. On the I/O thread only.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(asio::io_context& io, HttpProbe::Request request, std::function<void(v1::HttpFact)> done)
      : stream_(io), request_(std::move(request)), done_(std::move(done)), began_(absl::Now()) {
    // None that is an error: what is read is bounded by `body_`.
    parser_.body_limit(std::numeric_limits<uint64_t>::max());
    message_.method(http::verb::get);
    message_.target(request_.path);
    message_.version(11);
    message_.set(http::field::host, absl::StrCat("127.0.0.1:", request_.port));
    message_.set(http::field::user_agent, absl::StrCat("jettyfleet-agent/", kVersion));
    message_.set(http::field::connection, "close");
  }

  void Begin() {
    if (!IsTarget(request_.path) || request_.port > 65535) {
      v1::HttpFact fact = Begun();
      fact.set_error(
          absl::StrCat("cannot ask for port ", request_.port, " and a path of ", request_.path.size(),
                       " bytes: describe a port below 65536 and a path that begins with / and holds no blanks"));
      return done_(std::move(fact));
    }
    // Latin-1: bodies are bytes, and one that is not valid UTF-8 must match all the same.
    RE2::Options options(RE2::Latin1);
    options.set_log_errors(false);
    options.set_max_mem(kPatternMemoryBytes);
    if (!request_.body_pattern.empty()) {
      pattern_.emplace(request_.body_pattern, options);
      if (!pattern_->ok()) {
        v1::HttpFact fact = Begun();
        fact.set_error(absl::StrCat("the described body is not a regular expression: ", pattern_->error()));
        return done_(std::move(fact));
      }
    }
    // One that is none finds nothing: the version is unknown then.
    if (!request_.version_pattern.empty()) version_pattern_.emplace(request_.version_pattern, options);
    stream_.expires_after(absl::ToChronoMilliseconds(request_.timeout));
    stream_.async_connect(
        asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), static_cast<uint16_t>(request_.port)),
        [self = shared_from_this()](const beast::error_code& error) {
          if (error) return self->Fail("connecting", error);
          self->Ask();
        });
  }

 private:
  void Ask() {
    http::async_write(stream_, message_, [self = shared_from_this()](const beast::error_code& error, std::size_t) {
      if (error) return self->Fail("asking", error);
      self->Read();
    });
  }

  void Read() {
    http::async_read_header(stream_, buffer_, parser_,
                            [self = shared_from_this()](const beast::error_code& error, std::size_t) {
                              if (error) return self->Fail("reading the answer", error);
                              self->ReadBody();
                            });
  }

  void ReadBody() {
    body_.resize(kLargestBody);
    parser_.get().body().data = body_.data();
    parser_.get().body().size = body_.size();
    http::async_read(stream_, buffer_, parser_,
                     [self = shared_from_this()](const beast::error_code& error, std::size_t) {
                       // There is more than has room here.
                       const bool large = error == http::error::need_buffer;
                       if (error && !large) return self->Fail("reading the answer", error);
                       self->body_.resize(self->body_.size() - self->parser_.get().body().size);
                       self->Judge();
                     });
  }

  void Judge() {
    v1::HttpFact fact = Begun();
    fact.set_status(parser_.get().result_int());
    const bool expected = fact.status() == request_.expected_status;
    const bool matches = !pattern_.has_value() || RE2::PartialMatch(body_, *pattern_);
    if (pattern_.has_value()) fact.set_body_matches(matches ? v1::ANSWER_YES : v1::ANSWER_NO);
    fact.set_healthy(expected && matches ? v1::ANSWER_YES : v1::ANSWER_NO);
    fact.set_version(Version());
    if (!expected) {
      fact.set_error(absl::StrCat("answered ", fact.status(), ", described ", request_.expected_status));
    } else if (!matches) {
      fact.set_error(absl::StrCat("the described body was not found in the ", body_.size(), " bytes of the answer"));
    }
    done_(std::move(fact));
  }

  std::string Version() const {
    std::string version;
    const bool usable =
        version_pattern_.has_value() && version_pattern_->ok() && version_pattern_->NumberOfCapturingGroups() == 1;
    if (!usable || !RE2::PartialMatch(body_, *version_pattern_, &version)) return "";
    const bool plain =
        version.size() <= kLongestVersion && std::all_of(version.begin(), version.end(), absl::ascii_isprint);
    return plain ? version : "";
  }

  void Fail(const char* doing, const beast::error_code& error) {
    v1::HttpFact fact = Begun();
    if (!CouldNotTry(error)) fact.set_healthy(v1::ANSWER_NO);
    fact.set_error(error == beast::error::timeout
                       ? absl::StrCat("no whole answer within ", absl::FormatDuration(request_.timeout))
                       : absl::StrCat(doing, ": ", error.message()));
    done_(std::move(fact));
  }

  v1::HttpFact Begun() const {
    const absl::Time now = absl::Now();
    v1::HttpFact fact;
    fact.set_resource(request_.resource);
    *fact.mutable_observed_at() = ToProto(began_);
    fact.set_latency_us(static_cast<uint32_t>(std::max<int64_t>(0, absl::ToInt64Microseconds(now - began_))));
    return fact;
  }

  beast::tcp_stream stream_;
  const HttpProbe::Request request_;
  const std::function<void(v1::HttpFact)> done_;
  const absl::Time began_;
  http::request<http::empty_body> message_;
  http::response_parser<http::buffer_body> parser_;
  std::string body_;
  std::optional<RE2> pattern_;  // nullopt: any body
  std::optional<RE2> version_pattern_;
  beast::flat_buffer buffer_{kLargestBody};
};

}  // namespace

class HttpProbe::Io {
 public:
  Io() : work_(asio::make_work_guard(context_)), thread_([this] { context_.run(); }) {}
  ~Io() {
    context_.stop();
    thread_.join();
  }
  asio::io_context& context() { return context_; }

 private:
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread thread_;
};

HttpProbe::HttpProbe(Loop& loop) : loop_(loop) {}

HttpProbe::~HttpProbe() { *alive_ = false; }

void HttpProbe::Get(const Request& request, std::function<void(v1::HttpFact)> done) {
  if (io_ == nullptr) io_ = std::make_unique<Io>();
  // `alive_` is read on the loop's thread only.
  const auto answer = [&loop = loop_, alive = alive_, done = std::move(done)](v1::HttpFact fact) {
    loop.Post([alive, done, fact = std::move(fact)] {
      if (*alive) done(fact);
    });
  };
  asio::post(io_->context(),
             [exchange = std::make_shared<Exchange>(io_->context(), request, answer)] { exchange->Begin(); });
}

}  // namespace jettyfleet
