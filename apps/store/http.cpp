#include "apps/store/http.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>

#include "apps/store/lower_case.h"
#include "engine/base/escaped.h"

namespace hearth::store {
namespace {

constexpr int kMostRedirects = 10;
constexpr int kMostTries = 5;
constexpr size_t kMostHeaderBytes = size_t{256} << 10;

struct CurlDeleter {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
struct CurlListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlList = std::unique_ptr<curl_slist, CurlListDeleter>;

/// Null where there is no memory.
CURL* new_handle() {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  return ready == CURLE_OK ? curl_easy_init() : nullptr;
}

std::optional<uint64_t> number(std::string_view text) {
  uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

/// What to do about a certificate that is not trusted; empty where it is none.
std::string_view advice(CURLcode code) {
  if (code == CURLE_PEER_FAILED_VERIFICATION) {
    return ": nobody that this machine trusts says that this is the server; where an authority of your own "
           "does, SSL_CERT_FILE names the PEM file of its certificate";
  }
  if (code == CURLE_SSL_CACERT_BADFILE) return ": SSL_CERT_FILE must name a PEM file of certificates";
  return "";
}

/// Whether a transfer that ends with it would end so again.
bool is_final(CURLcode code) {
  return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
         code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT ||
         code == CURLE_BAD_CONTENT_ENCODING;
}

/// One request without redirects.
class Exchange {
 public:
  Exchange(const WebAddress& url, const std::vector<std::string>& headers, const HttpRequest& request,
           const HttpReceiver& receiver)
      : url_(url), request_(request), receiver_(receiver), curl_(new_handle()) {
    for (const std::string& header : headers) list_.reset(curl_slist_append(list_.release(), header.c_str()));
  }

  Result<HttpHead> perform() {
    if (!curl_) return Error{ErrorCode::kOutOfMemory, "no memory for a request"};
    set_options();
    const CURLcode code = curl_easy_perform(curl_.get());
    if (failure_) return *failure_;
    if (code == CURLE_OK && redirect_of(head_).empty()) HEARTH_TRY(begin());
    if (code == CURLE_OK) return head_;
    const char* what = error_[0] != '\0' ? error_.data() : curl_easy_strerror(code);
    return Error{is_final(code) ? ErrorCode::kServer : ErrorCode::kNetwork,
                 fmt::format("{}: {}{}", url_.href(), escaped(what), advice(code))};
  }

 private:
  void set_options() {
    const auto set = [this](CURLoption option, auto value) { curl_easy_setopt(curl_.get(), option, value); };
    address_ = url_.href();
    set(CURLOPT_URL, address_.c_str());
    set(CURLOPT_HTTPHEADER, list_.get());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_ACCEPT_ENCODING, "identity");  // ranges would be those of the encoded form
    set(CURLOPT_USERAGENT, "hearth");
    for (const auto& [option, name] :
         {std::pair(CURLOPT_CAINFO, "SSL_CERT_FILE"), std::pair(CURLOPT_CAPATH, "SSL_CERT_DIR")}) {
      if (const char* path = std::getenv(name); path != nullptr && *path != '\0') set(option, path);
    }
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_ERRORBUFFER, error_.data());
    set(CURLOPT_BUFFERSIZE, 256L << 10);
    set(CURLOPT_CONNECTTIMEOUT, 30L);
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, 60L);
    set(CURLOPT_HEADERFUNCTION, &Exchange::on_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_WRITEFUNCTION, &Exchange::on_body);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &Exchange::on_progress);
    set(CURLOPT_XFERINFODATA, this);
    if (request_.method == "POST") {
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
      set(CURLOPT_POSTFIELDS, request_.body.data());
    }
    if (!request_.may_connect) return;
    set(CURLOPT_NOPROXY, "*");
    set(CURLOPT_OPENSOCKETFUNCTION, &Exchange::open_socket);
    set(CURLOPT_OPENSOCKETDATA, this);
  }

  Result<void> begin() {
    if (std::exchange(begun_, true)) return {};
    return receiver_.begin(head_);
  }

  /// Whether the transfer goes on; keeps the error.
  bool take(Result<void> result) {
    if (!result.ok()) failure_ = std::move(result).error();
    return !failure_;
  }

  static size_t on_header(const char* text, size_t size, size_t count, void* data) {
    auto& self = *static_cast<Exchange*>(data);
    const std::string_view line(text, size * count);
    self.header_bytes_ += line.size();
    if (self.header_bytes_ > kMostHeaderBytes) return 0;
    if (line.starts_with("HTTP/")) {
      const size_t space = line.find(' ');
      const auto status = number(trimmed(line.substr(std::min(space, line.size()))).substr(0, 3));
      self.head_ = {static_cast<long>(status.value_or(0)), {}};
    } else if (const size_t colon = line.find(':'); colon != std::string_view::npos) {
      self.head_.headers[lower_case(line.substr(0, colon))] = trimmed(line.substr(colon + 1));
    }
    return size * count;
  }

  static size_t on_body(const char* bytes, size_t size, size_t count, void* data) {
    auto& self = *static_cast<Exchange*>(data);
    if (!redirect_of(self.head_).empty()) return size * count;
    const std::span<const std::byte> body(reinterpret_cast<const std::byte*>(bytes), size * count);
    return self.take(self.begin()) && self.take(self.receiver_.body(body)) ? size * count : 0;
  }

  static int on_progress(void* data, curl_off_t /*total*/, curl_off_t /*loaded*/, curl_off_t /*to_send*/,
                         curl_off_t /*sent*/) {
    auto& self = *static_cast<Exchange*>(data);
    if (self.receiver_.go_on("")) return 0;
    self.failure_ =
        Error{ErrorCode::kAborted, fmt::format("{}: the request was cancelled", self.url_.href())};
    return 1;
  }

  static curl_socket_t open_socket(void* data, curlsocktype /*purpose*/, curl_sockaddr* address) {
    const auto& self = *static_cast<const Exchange*>(data);
    if (!self.request_.may_connect(address->addr)) return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  }

  const WebAddress& url_;
  const HttpRequest& request_;
  const HttpReceiver& receiver_;
  std::unique_ptr<CURL, CurlDeleter> curl_;
  CurlList list_;
  std::string address_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  HttpHead head_;
  size_t header_bytes_ = 0;
  bool begun_ = false;
  std::optional<Error> failure_;
};

Result<void> pause(std::chrono::milliseconds time, const GoOn& go_on, const std::string& message) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
    if (!go_on(message)) return Error{ErrorCode::kAborted, "the download was cancelled"};
    std::this_thread::sleep_for(std::min(time, std::chrono::milliseconds(50)));
  }
  return {};
}

}  // namespace

std::string HttpHead::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

std::string HttpHead::validator() const {
  const std::string tag = header("etag");
  return tag.empty() || tag.starts_with("W/") ? header("last-modified") : tag;
}

bool HttpHead::is_encoded() const {
  const std::string encoding = lower_case(header("content-encoding"));
  return !encoding.empty() && encoding != "identity";
}

std::string redirect_of(const HttpHead& head) {
  const long status = head.status;
  const bool leads_on = status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  return leads_on ? head.header("location") : "";
}

std::optional<uint64_t> HttpHead::length() const {
  return is_encoded() ? std::nullopt : number(header("content-length"));
}

std::chrono::seconds HttpHead::retry_after() const {
  return std::chrono::seconds(std::min<uint64_t>(number(header("retry-after")).value_or(0), 60));
}

ContentRange content_range(const std::string& header) {
  std::string_view text = header;
  if (!text.starts_with("bytes ")) return {};
  text.remove_prefix(6);
  const size_t slash = std::min(text.find('/'), text.size());
  const std::string_view range = text.substr(0, slash);
  const std::string_view total = text.substr(std::min(slash + 1, text.size()));
  return {number(range.substr(0, range.find('-'))), number(total)};
}

Result<HttpHead> http_send(const HttpRequest& request, const HttpReceiver& receiver) {
  return Exchange(request.url, request.headers, request, receiver).perform();
}

Result<HttpHead> http_get(const HttpRequest& request, const HttpReceiver& receiver) {
  WebAddress url = request.url;
  for (int redirects = 0; redirects <= kMostRedirects; ++redirects) {
    std::vector<std::string> headers = request.ranges;
    if (url.origin() == request.url.origin()) {
      headers.insert(headers.end(), request.headers.begin(), request.headers.end());
    }
    HEARTH_ASSIGN(HttpHead head, Exchange(url, headers, request, receiver).perform());
    const std::string location = redirect_of(head);
    if (location.empty()) return head;
    HEARTH_ASSIGN(WebAddress next, url.resolve(location));
    if (url.is_secure() && !next.is_secure()) {
      return Error{ErrorCode::kServer,
                   fmt::format("{}: it redirects to {}, where anyone on the way could change the file; pull "
                               "that address itself if you trust the way",
                               url.href(), next.href())};
    }
    url = std::move(next);
  }
  return Error{ErrorCode::kServer,
               fmt::format("{}: the server redirects without an end", request.url.href())};
}

Error refused(const WebAddress& url, const HttpHead& head) {
  const std::string message = fmt::format("{}: the server answered {}", url.href(), head.status);
  if (head.status == 404 || head.status == 410)
    return {ErrorCode::kNotFound, message + ": there is no such file"};
  if (head.status == 401 || head.status == 403) {
    return {ErrorCode::kServer,
            message +
                ": it is private or gated, or not there; accept its terms on its page and set "
                "HF_TOKEN to a token of yours, or send what the server wants as a header"};
  }
  const bool passes = head.status == 408 || head.status == 429 || head.status >= 500;
  return {passes ? ErrorCode::kNetwork : ErrorCode::kServer, message};
}

Result<void> with_retries(const std::function<Try()>& attempt, const GoOn& go_on) {
  for (int tries = 1;; ++tries) {
    Try last = attempt();
    if (last.result.ok() || last.result.error().code != ErrorCode::kNetwork) return std::move(last.result);
    if (last.got_on) tries = 0;
    if (tries >= kMostTries) return std::move(last.result);
    const std::chrono::milliseconds longer(100 << tries);
    HEARTH_TRY(pause(std::max<std::chrono::milliseconds>(longer, last.wait), go_on,
                     "trying again: " + last.result.error().message));
  }
}

Result<HttpText> get_text(const HttpRequest& request, size_t most, const GoOn& go_on) {
  HttpText answer;
  const auto attempt = [&] {
    answer = {};
    HttpReceiver receiver;
    receiver.go_on = go_on;
    receiver.begin = [&](const HttpHead& head) {
      answer.head = head;
      return head.status == 200 || head.status == 304 ? Result<void>() : refused(request.url, head);
    };
    receiver.body = [&](std::span<const std::byte> bytes) -> Result<void> {
      if (bytes.size() > most - answer.text.size()) {
        return Error{ErrorCode::kServer, fmt::format("{}: the answer is too long", request.url.href())};
      }
      answer.text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      return {};
    };
    const auto head = http_get(request, receiver);
    return Try{head.ok() ? Result<void>() : head.error(), false, answer.head.retry_after()};
  };
  HEARTH_TRY(with_retries(attempt, go_on));
  return answer;
}

}  // namespace hearth::store
