#include "apps/serve/http/head.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>

#include "apps/serve/refusal.h"
#include "engine/text/unicode.h"

namespace hearth::serve {

namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

Refusal bad_request(const std::string& what, int status = 400) {
  return Refusal(status, ErrorCode::kInvalidArgument, fmt::format("the request can't be read: {}", what));
}

std::string_view view_of(beast::string_view text) { return {text.data(), text.size()}; }

void check_length(const RequestParser::value_type& head) {
  const size_t lengths = head.count(http::field::content_length);
  const size_t codings = head.count(http::field::transfer_encoding);
  if (lengths > 1) throw bad_request("it has several Content-Length headers");
  if (view_of(head[http::field::content_length]).find(',') != std::string_view::npos) {
    throw bad_request("its Content-Length is a list");
  }
  if (codings == 0) return;
  if (lengths > 0) throw bad_request("it has both Content-Length and Transfer-Encoding");
  if (head.version() < 11) throw bad_request("Transfer-Encoding came with HTTP/1.1");
  if (codings > 1 || !beast::iequals(head[http::field::transfer_encoding], "chunked")) {
    throw bad_request("the only Transfer-Encoding that is known is chunked", 501);
  }
}

/// The value of the one Host header; HTTP/1.0 may have none.
std::string_view host_of(const RequestParser::value_type& head) {
  const size_t hosts = head.count(http::field::host);
  if (hosts > 1) throw bad_request("it has several Host headers");
  if (hosts == 0 && head.version() >= 11) throw bad_request("it has no Host header");
  return view_of(head[http::field::host]);
}

bool is_scheme(std::string_view target, std::string_view scheme) {
  return beast::iequals(target.substr(0, scheme.size()), scheme);
}

/// Leaves of "http://host/path", as it is sent to proxies, the path, and takes its host for the request's.
std::string_view without_origin(std::string_view target, std::string& host) {
  size_t start = 0;
  if (is_scheme(target, "http://")) start = 7;
  if (is_scheme(target, "https://")) start = 8;
  if (start == 0) return target;
  const size_t end = std::min(target.find_first_of("/?", start), target.size());
  host = target.substr(start, end - start);
  return end < target.size() && target[end] == '/' ? target.substr(end) : "/";
}

bool has_broken_escape(std::string_view path) {
  const auto is_digit = [&](size_t at) {
    return at < path.size() && std::isxdigit(static_cast<uint8_t>(path[at]));
  };
  for (size_t at = path.find('%'); at != std::string_view::npos; at = path.find('%', at + 1)) {
    if (!is_digit(at + 1) || !is_digit(at + 2)) return true;
  }
  return false;
}

/// Whether a path has a segment that is another folder's name to some.
bool has_dots(std::string_view path) {
  for (size_t start = 0; start <= path.size();) {
    const size_t end = std::min(path.find_first_of("/\\", start), path.size());
    const std::string_view segment = path.substr(start, end - start);
    if (segment == "." || segment == "..") return true;
    start = end + 1;
  }
  return false;
}

std::string checked_path(std::string_view encoded) {
  if (encoded != "*" && !encoded.starts_with('/')) throw bad_request("its target is no path");
  if (has_broken_escape(encoded)) throw bad_request("its path has a % without two digits after it");
  std::string path = decode_percent(encoded);
  const bool has_controls = std::any_of(
      path.begin(), path.end(), [](char byte) { return static_cast<uint8_t>(byte) < 0x20 || byte == 0x7F; });
  if (has_controls) throw bad_request("its path has control characters");
  if (valid_utf8(path) != path) throw bad_request("its path is not UTF-8");
  if (has_dots(path)) throw bad_request("its path has '.' or '..' in it");
  return path;
}

}  // namespace

size_t head_size(std::string_view text, size_t& line) {
  for (;;) {
    const size_t end = text.find('\n', line);
    const std::string_view seen = text.substr(line, end == std::string_view::npos ? end : end - line);
    if (seen.find('\0') != std::string_view::npos) throw bad_request("it has a NUL byte");
    if (line > 0 && (seen.starts_with(' ') || seen.starts_with('\t'))) {
      throw bad_request("a header goes on on a second line");
    }
    if (end == std::string_view::npos) return 0;
    if (!seen.ends_with('\r')) throw bad_request("a line does not end in CR and LF");
    if (seen.find('\r') != seen.size() - 1) throw bad_request("a line has a CR in it");
    line = end + 1;
    if (seen.size() == 1) return line;
  }
}

void parse_head(RequestParser& parser, std::string_view head) {
  beast::error_code error;
  parser.eager(false);
  parser.put(boost::asio::buffer(head), error);
  if (error == http::error::body_limit) throw bad_request("its body is larger than the server takes", 413);
  if (error == http::error::bad_version)
    throw bad_request("its version is neither HTTP/1.0 nor HTTP/1.1", 505);
  if (error) throw bad_request(error.message());
  if (!parser.is_header_done()) throw bad_request("its head is not whole");
}

Request request_of_head(const RequestParser::value_type& head, std::string peer) {
  if (head.version() != 10 && head.version() != 11) {
    throw bad_request("its version is neither HTTP/1.0 nor HTTP/1.1", 505);
  }
  check_length(head);
  Request request;
  request.method = view_of(head.method_string());
  request.host = host_of(head);
  const std::string_view target = without_origin(view_of(head.target()), request.host);
  const size_t mark = std::min(target.find('?'), target.size());
  request.encoded_path = target.substr(0, mark);
  request.path = checked_path(request.encoded_path);
  request.query = target.substr(std::min(mark + 1, target.size()));
  for (const auto& field : head) request.headers.emplace_back(field.name_string(), field.value());
  request.peer = std::move(peer);
  return request;
}

}  // namespace hearth::serve
