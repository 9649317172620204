// The answer to one request, written to its connection.
#pragma once

#include <boost/asio/write.hpp>
#include <boost/beast/http.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "apps/serve/http/beast_web_socket.h"
#include "apps/serve/http/connections.h"
#include "apps/serve/http/exchange.h"
#include "apps/serve/http/limits.h"

namespace hearth::serve {

namespace http = boost::beast::http;

template <typename Stream>
class HttpExchange final : public Exchange {
 public:
  struct Line {
    OpenConnection& connection;
    Stream& stream;
    const Connections& all;
    const HttpLimits& limits;
  };

  HttpExchange(Line line, Request asked, unsigned version, bool keep_alive)
      : Exchange(std::move(asked)),
        line_(line),
        version_(version),
        keep_alive_(keep_alive),
        has_body_(request.method != "HEAD") {}

  Awaitable<> reply(int status, std::string_view content_type, std::string body) override {
    http::response<http::string_body> response(static_cast<http::status>(status), version_);
    set_headers(response, content_type);
    if (status != 204 && status != 304) response.content_length(body.size());
    if (has_body_) response.body().swap(body);
    http::response_serializer<http::string_body> serializer(response);
    begin_write();
    co_await http::async_write(line_.stream, serializer, net::use_awaitable);
    end_write();
    ended_ = true;
  }

  Awaitable<> begin(int status, std::string_view content_type) override {
    http::response<http::empty_body> response(static_cast<http::status>(status), version_);
    chunked_ = version_ >= 11;
    if (!chunked_) keep_alive_ = false;  // the end of the connection is the answer's end
    set_headers(response, content_type);
    response.chunked(chunked_);
    http::response_serializer<http::empty_body> serializer(response);
    begin_write();
    co_await http::async_write_header(line_.stream, serializer, net::use_awaitable);
    end_write();
  }

  Awaitable<> write(std::string_view piece) override {
    if (piece.empty() || !has_body_) co_return;  // an empty chunk would be the last
    begin_write();
    if (chunked_) {
      co_await net::async_write(line_.stream, http::make_chunk(net::buffer(piece)), net::use_awaitable);
    } else {
      co_await net::async_write(line_.stream, net::buffer(piece), net::use_awaitable);
    }
    end_write();
  }

  Awaitable<> end() override {
    if (chunked_ && has_body_) {
      begin_write();
      co_await net::async_write(line_.stream, http::make_chunk_last(), net::use_awaitable);
      end_write();
    }
    ended_ = true;
  }

  Awaitable<std::unique_ptr<WebSocket>> accept_web_socket() override {
    auto socket = std::make_unique<BeastWebSocket<Stream>>(line_.connection, line_.stream, line_.limits);
    line_.connection.allow(line_.limits.write_time);
    co_await socket->accept(request);
    line_.connection.allow_any_time();
    line_.connection.allow_any_answer();  // it is many, each with limits of its own
    status_ = 101;
    keep_alive_ = false;
    ended_ = true;
    co_return socket;
  }

  void allow(std::chrono::milliseconds time) override { line_.connection.allow_answer(time); }

  bool is_whole() const { return ended_; }
  /// Whether another request may follow on the connection.
  bool keeps_alive() const { return keep_alive_ && ended_; }
  /// Whether the answer has not come to its end, and can: no write of it was left in its middle.
  bool can_go_on() const { return !ended_ && !writing_; }

 private:
  template <typename Response>
  void set_headers(Response& response, std::string_view content_type) {
    status_ = response.result_int();
    if (!content_type.empty()) {
      response.set(http::field::content_type, {content_type.data(), content_type.size()});
    }
    for (const auto& [name, value] : reply_headers) response.set(name, value);
    if (line_.all.draining()) keep_alive_ = false;
    response.keep_alive(keep_alive_);
  }

  void begin_write() {
    writing_ = true;
    line_.connection.allow(line_.limits.write_time);
  }
  void end_write() {
    line_.connection.allow_any_time();
    writing_ = false;
  }

  Line line_;
  unsigned version_;
  bool keep_alive_;
  bool has_body_;
  bool chunked_ = false;
  bool writing_ = false;
  bool ended_ = false;
};

}  // namespace hearth::serve
