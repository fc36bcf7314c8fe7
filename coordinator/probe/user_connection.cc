#include "coordinator/probe/user_connection.h"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <utility>

namespace jettyfleet {

namespace beast = boost::beast;
namespace http = beast::http;
namespace net = boost::asio;
using boost::system::error_code;

namespace {

bool IsClosedByPeer(error_code error) {
  return error == http::error::end_of_stream || error == net::error::eof || error == net::error::connection_reset ||
         error == net::error::broken_pipe || error == net::error::connection_aborted;
}

RequestFailure FailureOf(error_code error, bool connecting) {
  if (error == beast::error::timeout) return RequestFailure::kTimeout;
  if (connecting) return RequestFailure::kConnect;
  if (error == http::error::body_limit || error == http::error::header_limit || error == http::error::buffer_overflow) {
    return RequestFailure::kTooLarge;
  }
  // All else of HTTP's own is the peer's grammar; an answer cut off is the connection's end.
  if (error.category() == http::make_error_code(http::error::end_of_stream).category() &&
      error != http::error::end_of_stream && error != http::error::partial_message) {
    return RequestFailure::kMalformed;
  }
  return RequestFailure::kReset;
}

std::optional<RequestFailure> FailureOfStatus(unsigned status) {
  if (status >= 200 && status < 400) return std::nullopt;
  if (status >= 400 && status < 500) return RequestFailure::kStatus4xx;
  if (status >= 500 && status < 600) return RequestFailure::kStatus5xx;
  return RequestFailure::kMalformed;
}

}  // namespace

void UserConnection::Get(const std::string& cookies, std::chrono::steady_clock::time_point deadline,
                         std::function<void(Answer)> done) {
  deadline_ = deadline;
  done_ = std::move(done);
  request_ = {http::verb::get, url_.target, 11};
  request_.set(http::field::host, url_.host_header);
  request_.set(http::field::user_agent, "jettyfleet-probe");
  if (!cookies.empty()) request_.set(http::field::cookie, cookies);
  reused_ = stream_.has_value();
  if (reused_) {
    Write();
  } else {
    Connect();
  }
}

void UserConnection::Connect() {
  if (address_.endpoints().empty()) {
    address_.OnConnectFailed();
    net::post(io_, [this] { Finish({.failure = RequestFailure::kConnect}); });
    return;
  }
  stream_.emplace(io_);
  stream_->expires_at(deadline_);
  stream_->async_connect(address_.endpoints(), [this](error_code error, const net::ip::tcp::endpoint&) {
    if (error) return OnError(error, /*connecting=*/true);
    // A small request must not wait for the acknowledgement of an earlier one.
    error_code ignored;
    stream_->socket().set_option(net::ip::tcp::no_delay(true), ignored);
    Write();
  });
}

void UserConnection::Write() {
  parser_.emplace();
  parser_->header_limit(kLargestHeaderBytes);
  parser_->body_limit(kLargestBodyBytes);
  stream_->expires_at(deadline_);
  http::async_write(*stream_, request_, [this](error_code error, std::size_t) {
    if (error) return OnError(error, /*connecting=*/false);
    ReadHeader();
  });
}

void UserConnection::ReadHeader() {
  http::async_read_header(*stream_, buffer_, *parser_, [this](error_code error, std::size_t) {
    // Beast 1.74 finds the announced length too large and then forgets it when the body's first bytes came with the
    // header (basic_parser::put goes on after finish_header).
    if (!error && parser_->content_length().value_or(0) > kLargestBodyBytes) error = http::error::body_limit;
    if (error) return OnError(error, /*connecting=*/false);
    ReadBody();
  });
}

void UserConnection::ReadBody() {
  http::async_read(*stream_, buffer_, *parser_, [this](error_code error, std::size_t) {
    if (error) return OnError(error, /*connecting=*/false);
    OnReadDone();
  });
}

void UserConnection::OnReadDone() {
  stream_->expires_never();
  Answer answer;
  answer.failure = FailureOfStatus(parser_->get().result_int());
  const auto range = parser_->get().equal_range(http::field::set_cookie);
  for (auto field = range.first; field != range.second; ++field) answer.set_cookies.emplace_back(field->value());
  // Bytes that nobody asked for would be taken for the next answer.
  if (!parser_->keep_alive() || buffer_.size() > 0 || answer.failure == RequestFailure::kMalformed) Close();
  if (!answer.failure.has_value()) answer.body = std::move(parser_->get().body());
  Finish(std::move(answer));
}

void UserConnection::OnError(error_code error, bool connecting) {
  const bool no_byte_came = !parser_.has_value() || !parser_->got_some();
  Close();
  if (reused_ && no_byte_came && IsClosedByPeer(error)) {
    reused_ = false;
    return Connect();
  }
  const RequestFailure failure = FailureOf(error, connecting);
  if (connecting) address_.OnConnectFailed();
  Finish({.failure = failure});
}

void UserConnection::Close() {
  stream_.reset();
  buffer_.clear();
}

void UserConnection::Finish(Answer answer) {
  // Moved out first: `done` may send the next request.
  const std::function<void(Answer)> done = std::exchange(done_, nullptr);
  done(std::move(answer));
}

}  // namespace jettyfleet
