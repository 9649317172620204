#include "apps/serve/http/connection.h"

#include <fmt/core.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <memory>
#include <optional>

#include "apps/serve/refusal.h"

namespace hearth::serve {

namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr auto kAwaitTuple = net::as_tuple(net::use_awaitable);

/// Bytes read ahead of the request that is being answered, at most.
constexpr size_t kReadAhead = 16 << 10;

Socket& lowest(Socket& socket) { return socket; }
Socket& lowest(net::ssl::stream<Socket>& stream) { return stream.next_layer(); }

template <typename Stream>
class Connection;

/// The answer to one request, on its connection.
template <typename Stream>
class HttpExchange final : public Exchange {
 public:
  HttpExchange(Connection<Stream>& connection, Request asked, unsigned version, bool keep_alive)
      : Exchange(std::move(asked)), connection_(connection), version_(version), keep_alive_(keep_alive) {}

  Awaitable<> reply(int status, std::string_view content_type, std::string body) override {
    http::response<http::string_body> response(static_cast<http::status>(status), version_);
    set_headers(response, content_type);
    response.content_length(body.size());
    if (request.method != "HEAD") response.body() = std::move(body);
    http::response_serializer<http::string_body> serializer(response);
    co_await send(serializer);
  }

  Awaitable<> begin(int status, std::string_view content_type) override {
    http::response<http::empty_body> response(static_cast<http::status>(status), version_);
    chunked_ = version_ >= 11;
    if (!chunked_) keep_alive_ = false;  // the end of the connection is the answer's end
    set_headers(response, content_type);
    response.chunked(chunked_);
    http::response_serializer<http::empty_body> serializer(response);
    co_await send_header(serializer);
  }

  Awaitable<> write(std::string_view piece) override {
    if (piece.empty()) co_return;  // an empty chunk would be the last
    connection_.allow(connection_.limits().write_time);
    if (chunked_) {
      co_await net::async_write(connection_.stream(), http::make_chunk(net::buffer(piece)),
                                net::use_awaitable);
    } else {
      co_await net::async_write(connection_.stream(), net::buffer(piece), net::use_awaitable);
    }
    connection_.allow_any_time();
  }

  Awaitable<> end() override {
    if (!chunked_) co_return;
    connection_.allow(connection_.limits().write_time);
    co_await net::async_write(connection_.stream(), http::make_chunk_last(), net::use_awaitable);
    connection_.allow_any_time();
    ended_ = true;
  }

  /// Whether another request may follow on the connection.
  bool keeps_alive() const { return keep_alive_ && (!chunked_ || ended_); }

 private:
  template <typename Response>
  void set_headers(Response& response, std::string_view content_type) {
    status_ = response.result_int();
    response.set(http::field::content_type, {content_type.data(), content_type.size()});
    for (const auto& [name, value] : reply_headers) response.set(name, value);
    if (connection_.draining()) keep_alive_ = false;
    response.keep_alive(keep_alive_);
  }

  template <typename Serializer>
  Awaitable<> send(Serializer& serializer) {
    connection_.allow(connection_.limits().write_time);
    co_await http::async_write(connection_.stream(), serializer, net::use_awaitable);
    connection_.allow_any_time();
  }

  template <typename Serializer>
  Awaitable<> send_header(Serializer& serializer) {
    connection_.allow(connection_.limits().write_time);
    co_await http::async_write_header(connection_.stream(), serializer, net::use_awaitable);
    connection_.allow_any_time();
  }

  Connection<Stream>& connection_;
  unsigned version_;
  bool keep_alive_;
  bool chunked_ = false;
  bool ended_ = false;
};

template <typename Stream>
class Connection final : public OpenConnection {
 public:
  Connection(Stream& stream, std::string peer, HttpService& service)
      : stream_(stream), peer_(std::move(peer)), service_(service) {
    service_.connections.add(*this);
  }
  ~Connection() override { service_.connections.remove(*this); }

  Stream& stream() { return stream_; }
  const HttpLimits& limits() const { return service_.limits; }
  bool draining() const { return service_.connections.draining(); }

  void interrupt() override {
    beast::error_code ignored;
    lowest(stream_).cancel(ignored);
  }

  Awaitable<> run() {
    bool goes_on = true;
    while (goes_on && !draining()) {
      goes_on = co_await wait_for_request();
      if (goes_on) goes_on = co_await serve_request();
    }
  }

 private:
  using Parser = http::request_parser<http::string_body>;

  /// False where the client has gone, or kept the connection idle for too long.
  Awaitable<bool> wait_for_request() {
    if (buffer_.size() > 0) co_return true;
    idle = true;
    allow(limits().idle_time);
    const bool came = co_await read_some();
    idle = false;
    co_return came;
  }

  Awaitable<bool> read_some() {
    const auto [error, size] = co_await stream_.async_read_some(buffer_.prepare(4096), kAwaitTuple);
    buffer_.commit(size);
    co_return !error;
  }

  /// Returns when the client has gone.
  Awaitable<> until_gone() {
    while (buffer_.size() < kReadAhead) {
      const bool came = co_await read_some();
      if (!came) co_return;
    }
    net::steady_timer never(co_await net::this_coro::executor, net::steady_timer::time_point::max());
    co_await never.async_wait(net::use_awaitable);
  }

  /// False where no request can follow.
  Awaitable<bool> serve_request() {
    Parser parser;
    parser.header_limit(limits().header_bytes);
    parser.body_limit(limits().body_bytes);
    allow(limits().header_time);
    auto [error, size] = co_await http::async_read_header(stream_, buffer_, parser, kAwaitTuple);
    if (!error && !parser.is_done()) error = co_await read_body(parser);
    allow_any_time();
    if (error) {
      co_await refuse(error, parser);
      co_return false;
    }
    using net::experimental::awaitable_operators::operator||;
    const bool keep_alive = parser.get().keep_alive();
    HttpExchange<Stream> exchange(*this, request_of(parser.get()), parser.get().version(), keep_alive);
    const auto first = co_await (answer(exchange) || until_gone());
    co_return first.index() == 0 && exchange.keeps_alive();
  }

  /// Never throws: whoever finishes first of it and until_gone ends the other.
  Awaitable<> answer(HttpExchange<Stream>& exchange) {
    try {
      co_await service_.answer(exchange);
    } catch (const std::exception&) {
      // The connection failed under it; what else can go wrong, the answerer has dealt with.
    }
  }

  Awaitable<beast::error_code> read_body(Parser& parser) {
    if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
      http::response<http::empty_body> go_on(http::status::continue_, parser.get().version());
      http::response_serializer<http::empty_body> serializer(go_on);
      const auto [error, size] = co_await http::async_write_header(stream_, serializer, kAwaitTuple);
      if (error) co_return error;
    }
    allow(limits().body_time);
    const auto [error, size] = co_await http::async_read(stream_, buffer_, parser, kAwaitTuple);
    co_return error;
  }

  Request request_of(Parser::value_type& message) const {
    Request request;
    request.method = message.method_string();
    const std::string_view target(message.target().data(), message.target().size());
    request.path = decode_percent(target.substr(0, target.find('?')));
    if (request.path.size() < target.size()) {
      if (const size_t mark = target.find('?'); mark != std::string_view::npos)
        request.query = target.substr(mark + 1);
    }
    for (const auto& field : message) request.headers.emplace_back(field.name_string(), field.value());
    request.body = std::move(message.body());
    request.peer = peer_;
    return request;
  }

  /// Says why a request can't be read, to a client that is still there.
  Awaitable<> refuse(beast::error_code error, const Parser& parser) {
    if (error == http::error::end_of_stream || (error == net::error::operation_aborted && !expired))
      co_return;
    if (error.category() != beast::error_code(http::error::bad_method).category() && !expired) co_return;
    int status = 400;
    if (expired) status = 408;
    if (error == http::error::body_limit) status = 413;
    if (error == http::error::header_limit) status = 431;
    HttpExchange<Stream> exchange(*this, Request{}, 11, false);
    const std::string what = expired ? "the request took too long to arrive" : error.message();
    const nlohmann::ordered_json body = {{"error",
                                          {{"message", fmt::format("the request can't be read: {}", what)},
                                           {"type", "invalid_request_error"},
                                           {"param", nullptr},
                                           {"code", "INVALID_ARGUMENT"}}}};
    (void)parser;
    expired = false;
    try {
      co_await reply_json(exchange, body, status);
    } catch (const std::exception&) {
      co_return;
    }
  }

  Stream& stream_;
  std::string peer_;
  HttpService& service_;
  beast::flat_buffer buffer_;
};

}  // namespace

Awaitable<> serve_connection(Socket socket, std::string peer, HttpService& service) {
  try {
    if (service.tls == nullptr) {
      Connection<Socket> connection(socket, std::move(peer), service);
      co_await connection.run();
    } else {
      net::ssl::stream<Socket> stream(std::move(socket), *service.tls);
      Connection<net::ssl::stream<Socket>> connection(stream, std::move(peer), service);
      connection.allow(service.limits.header_time);
      co_await stream.async_handshake(net::ssl::stream_base::server, net::use_awaitable);
      co_await connection.run();
      connection.allow(service.limits.header_time);
      (void)co_await stream.async_shutdown(kAwaitTuple);
    }
  } catch (const std::exception&) {
    // It is over, however it ended.
  }
}

}  // namespace hearth::serve
