#include "apps/serve/http/connection.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/ssl.hpp>
#include <optional>

#include "apps/serve/http/head.h"
#include "apps/serve/http/http_exchange.h"

namespace hearth::serve {

namespace {

namespace beast = boost::beast;
using Interruption = OpenConnection::Interruption;

constexpr auto kAwaitTuple = net::as_tuple(net::use_awaitable);

/// Bytes read ahead of the request that is being answered, at most.
constexpr size_t kReadAhead = 16 << 10;
constexpr size_t kReadSize = 4096;
/// Bytes of a body that are read at once, and the longest line between two chunks of one.
constexpr size_t kBodyReadSize = 64 << 10;
/// What is still taken of a request that was refused, so that its client gets to read why.
constexpr size_t kMostDiscarded = 1 << 20;
constexpr std::chrono::milliseconds kDiscardTime{1000};

Socket& lowest(Socket& socket) { return socket; }
Socket& lowest(net::ssl::stream<Socket>& stream) { return stream.next_layer(); }

/// A request's part of the bytes that all bodies may take together: what has come of it, since anybody may
/// announce any number.
class BodyShare {
 public:
  explicit BodyShare(HttpService& service) : service_(service) {}
  BodyShare(const BodyShare&) = delete;
  BodyShare& operator=(const BodyShare&) = delete;
  ~BodyShare() { service_.body_bytes -= bytes_; }

  /// It has come to so many. Throws a Refusal where there is no room for them.
  void grow_to(uint64_t bytes) {
    const uint64_t more = bytes - bytes_;
    if (service_.body_bytes + more > service_.limits.all_body_bytes) {
      throw Refusal(503, ErrorCode::kOutOfMemory,
                    "the server is reading as many requests as it has memory for")
          .after(std::chrono::seconds(1));
    }
    service_.body_bytes += more;
    bytes_ = bytes;
  }

 private:
  HttpService& service_;
  uint64_t bytes_ = 0;
};

template <typename Stream>
class Connection final : public OpenConnection {
 public:
  Connection(Stream& stream, std::string peer, HttpService& service)
      : stream_(stream),
        peer_(std::move(peer)),
        service_(service),
        buffer_(std::max<size_t>(service.limits.header_bytes + kReadSize, kBodyReadSize) + kReadAhead) {
    service_.connections.add(*this);
  }
  ~Connection() override { service_.connections.remove(*this); }

  Awaitable<> run() {
    bool goes_on = true;
    do {
      goes_on = co_await wait_for_request();
      if (goes_on) goes_on = co_await serve_request();
    } while (goes_on && !service_.connections.draining());
  }

 protected:
  void cancel() override {
    beast::error_code ignored;
    lowest(stream_).cancel(ignored);
  }

 private:
  /// False where the client has gone, or kept the connection idle for too long.
  Awaitable<bool> wait_for_request() {
    if (buffer_.size() > 0) co_return true;
    idle = true;
    allow(service_.limits.idle_time);
    const bool came = co_await read_some();
    idle = false;
    co_return came;
  }

  Awaitable<bool> read_some() {
    const auto [error, size] = co_await stream_.async_read_some(buffer_.prepare(kReadSize), kAwaitTuple);
    buffer_.commit(size);
    co_return !error;
  }

  /// Returns when the client has gone, or something interrupts.
  Awaitable<> until_gone() {
    while (buffer_.size() < kReadAhead) {
      const bool came = co_await read_some();
      if (!came) co_return;
    }
    (void)co_await lowest(stream_).async_wait(Socket::wait_error, kAwaitTuple);
  }

  /// False where no request can follow.
  Awaitable<bool> serve_request() {
    RequestParser parser;
    BodyShare share(service_);
    Request request;
    std::optional<Refusal> refusal;
    bool came = false;
    try {
      came = co_await read_request(parser, share, request);
    } catch (const Refusal& fault) {
      refusal = fault;
    }
    allow_any_time();
    if (refusal) {
      HttpExchange<Stream> exchange(line(), std::move(request), 11, false);
      co_await refuse(exchange, *refusal);
      service_.handler.end(exchange, false);
      co_await discard();
      co_return false;
    }
    if (!came) co_return false;
    HttpExchange<Stream> exchange(line(), std::move(request), parser.get().version(),
                                  parser.get().keep_alive());
    co_return co_await answer_request(exchange);
  }

  typename HttpExchange<Stream>::Line line() {
    return {*this, stream_, service_.connections, service_.limits};
  }

  /// False where the client has gone. Throws a Refusal.
  Awaitable<bool> read_request(RequestParser& parser, BodyShare& share, Request& request) {
    allow(service_.limits.header_time);
    const size_t size = co_await read_head();
    if (size == 0) co_return false;
    parser.header_limit(static_cast<uint32_t>(size));
    parser.body_limit(service_.limits.body_bytes);
    const auto head = buffer_.cdata();
    parse_head(parser, {static_cast<const char*>(head.data()), size});
    buffer_.consume(size);
    request = request_of_head(parser.get(), peer_);
    if (!parser.is_done()) {
      const bool came = co_await read_body(parser, share);
      request.body = std::move(parser.get().body());
      co_return came;
    }
    co_return true;
  }

  /// The bytes of the buffer that are a request's head; 0 where the client has gone.
  Awaitable<size_t> read_head() {
    size_t line = 0;
    for (;;) {
      const auto read = buffer_.cdata();
      const std::string_view text(static_cast<const char*>(read.data()), read.size());
      const size_t size = head_size(text, line);
      if (size > service_.limits.header_bytes || (size == 0 && text.size() > service_.limits.header_bytes)) {
        throw Refusal(
            431, ErrorCode::kInvalidArgument,
            fmt::format("the request's head is larger than {} bytes", service_.limits.header_bytes));
      }
      if (size > 0) co_return size;
      const bool came = co_await read_some();
      if (!came) co_return gone_or_late();
    }
  }

  /// False where the client has gone. Throws a Refusal.
  Awaitable<bool> read_body(RequestParser& parser, BodyShare& share) {
    beast::error_code error;
    const auto expected = parser.get()[http::field::expect];
    if (!expected.empty() && parser.get().version() >= 11) {
      if (!beast::iequals(expected, "100-continue")) {
        throw Refusal(417, ErrorCode::kInvalidArgument, "the only Expect that is known is 100-continue");
      }
      static constexpr std::string_view kGoOn = "HTTP/1.1 100 Continue\r\n\r\n";
      const auto [failure, size] = co_await net::async_write(stream_, net::buffer(kGoOn), kAwaitTuple);
      if (failure) co_return gone_or_late() > 0;
    }
    allow(service_.limits.body_time);
    while (!error && !parser.is_done()) {
      const auto [failure, size] = co_await http::async_read_some(stream_, buffer_, parser, kAwaitTuple);
      error = failure;
      share.grow_to(parser.get().body().size());
    }
    if (!error) co_return true;
    if (error == http::error::partial_message || error.category() != http::make_error_code({}).category()) {
      co_return gone_or_late() > 0;
    }
    const bool is_large = error == http::error::body_limit;
    throw Refusal(is_large ? 413 : 400, ErrorCode::kInvalidArgument,
                  is_large
                      ? fmt::format("the request's body is larger than {} bytes", service_.limits.body_bytes)
                      : fmt::format("the request's body can't be read: {}", error.message()));
  }

  /// 0 for a client that has gone; a Refusal for one that took too long.
  size_t gone_or_late() {
    if (interruption != Interruption::kWaiting) return 0;
    interruption = Interruption::kNone;
    throw Refusal(408, ErrorCode::kTimeout, "the request took too long to arrive");
  }

  /// False where no request can follow.
  Awaitable<bool> answer_request(HttpExchange<Stream>& exchange) {
    if (asks_for_web_socket(exchange.request)) {  // it reads by itself whether the client is there
      co_await answer(exchange);
      service_.handler.end(exchange, !exchange.is_whole());
      co_return false;
    }
    using net::experimental::awaitable_operators::operator||;
    const auto first = co_await (answer(exchange) || until_gone());
    allow_any_time();
    allow_any_answer();
    const bool was_cut_off = first.index() == 1 && exchange.can_go_on();
    const Interruption reason = std::exchange(interruption, Interruption::kNone);
    if (was_cut_off && reason == Interruption::kAnswer) {
      const Refusal late(504, ErrorCode::kTimeout, "the answer took longer than the server allows");
      co_await refuse(exchange, late);
    } else if (was_cut_off && reason == Interruption::kClosing) {
      const Refusal closing(503, ErrorCode::kAborted, "the server ends");
      co_await refuse(exchange, closing);
    }
    service_.handler.end(exchange, !exchange.is_whole());
    co_return first.index() == 0 && exchange.keeps_alive();
  }

  /// Never throws: whoever finishes first of it and until_gone ends the other.
  Awaitable<> answer(Exchange& exchange) {
    try {
      co_await service_.handler.answer(exchange);
    } catch (const std::exception&) {
      // The connection failed under it; what else can go wrong, the handler has dealt with.
    }
  }

  Awaitable<> refuse(Exchange& exchange, const Refusal& refusal) {
    try {
      co_await service_.handler.refuse(exchange, refusal);
    } catch (const std::exception&) {
      // The client has gone.
    }
  }

  /// Takes what is still on its way: a connection that is closed before it has been read takes with it what
  /// was just written.
  Awaitable<> discard() {
    beast::error_code ignored;
    if constexpr (std::is_same_v<Stream, Socket>) stream_.shutdown(Socket::shutdown_send, ignored);
    allow(kDiscardTime);
    for (size_t discarded = 0; discarded < kMostDiscarded;) {
      buffer_.clear();
      const bool came = co_await read_some();
      if (!came) break;
      discarded += buffer_.size();
    }
  }

  Stream& stream_;
  std::string peer_;
  HttpService& service_;
  beast::flat_buffer buffer_;
};

Awaitable<> serve_tls(Socket socket, std::string peer, HttpService& service) {
  net::ssl::stream<Socket> stream(std::move(socket), *service.tls);
  Connection<net::ssl::stream<Socket>> connection(stream, std::move(peer), service);
  connection.allow(service.limits.header_time);
  co_await stream.async_handshake(net::ssl::stream_base::server, net::use_awaitable);
  co_await connection.run();
  connection.allow(kDiscardTime);
  (void)co_await stream.async_shutdown(kAwaitTuple);
}

}  // namespace

Awaitable<> serve_connection(Socket socket, std::string peer, HttpService& service) {
  try {
    if (service.tls) {
      co_await serve_tls(std::move(socket), std::move(peer), service);
    } else {
      Connection<Socket> connection(socket, std::move(peer), service);
      co_await connection.run();
    }
  } catch (const std::exception&) {
    // It is over, however it ended.
  }
}

}  // namespace hearth::serve
