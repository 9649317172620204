// HTTP by libcurl: one request, GET with its redirects, and what is tried again when networks fail.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "apps/store/web_address.h"
#include "engine/base/result.h"

namespace hearth::store {

/// Asked often, with what there is to tell (mostly nothing); false cancels.
using GoOn = std::function<bool(const std::string& message)>;

/// Whether a connection may be made to an address, which is asked when its name has been looked up.
using MayConnect = std::function<bool(const sockaddr& address)>;

struct HttpRequest {
  WebAddress url;
  std::vector<std::string> headers = {};  // "Name: value"; not sent to another origin that is redirected to
  std::vector<std::string> ranges = {};   // headers that are sent to every one
  std::string method = "GET";             // of http_send
  std::string body = {};                  // sent where the method is POST
  /// With it, no proxy of the environment is asked: its address would stand for all others.
  MayConnect may_connect = {};
};

/// The beginning of an answer.
struct HttpHead {
  long status = 0;
  std::map<std::string, std::string> headers;  // by names in lower case

  /// Empty where there is none.
  std::string header(const std::string& name) const;
  /// What tells the file from later ones of its address, and If-Range may compare: a strong ETag, or the
  /// date; or "".
  std::string validator() const;
  /// Whether its bytes are decoded before they are seen: its lengths and ranges are then not the file's.
  bool is_encoded() const;
  /// Bytes of the body; nullopt where the server does not say, or of an encoded form only.
  std::optional<uint64_t> length() const;
  /// How long the server asks to be left alone; at most a minute.
  std::chrono::seconds retry_after() const;
};

/// What Content-Range says: the first byte of the answer and those of the whole file.
struct ContentRange {
  std::optional<uint64_t> begin;
  std::optional<uint64_t> total;
};
ContentRange content_range(const std::string& header);

/// Hears of the last answer, after all redirects. An error ends the request, which returns it.
struct HttpReceiver {
  std::function<Result<void>(const HttpHead& head)> begin;  // once, before all of the body
  std::function<Result<void>(std::span<const std::byte> bytes)> body;
  GoOn go_on;
};

/// One request. An answer that leads on to another address is no answer: of it the receiver hears nothing,
/// and `redirect_of` says where. Fails as http_get does.
Result<HttpHead> http_send(const HttpRequest& request, const HttpReceiver& receiver);

/// Where an answer leads on to; empty where it does not.
std::string redirect_of(const HttpHead& head);

/// Any answer is one, whatever its status. NETWORK where none comes or it breaks off, SERVER where asking
/// again would be in vain (a certificate that is not trusted, a redirect from https: to http:), ABORTED.
/// Certificates are those that the system trusts, or that SSL_CERT_FILE and SSL_CERT_DIR name.
Result<HttpHead> http_get(const HttpRequest& request, const HttpReceiver& receiver);

/// The error that an answer without what was asked for stands for. NETWORK where asking again may help.
Error refused(const WebAddress& url, const HttpHead& head);

/// What one try came to.
struct Try {
  Result<void> result;
  bool got_on = false;           // whether more is there than before, so that it is worth any number of tries
  std::chrono::seconds wait{0};  // at least, before the next
};

/// Tries again, a few times and later each time, what ends with NETWORK.
Result<void> with_retries(const std::function<Try()>& attempt, const GoOn& go_on);

struct HttpText {
  HttpHead head;
  std::string text;
};
/// An answer of at most `most` bytes (SERVER), with status 200, or 304 where only what is new was asked for;
/// else as refused() says. With retries.
Result<HttpText> get_text(const HttpRequest& request, size_t most, const GoOn& go_on);

}  // namespace hearth::store
