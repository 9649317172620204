#include "apps/workflow/services/http_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <span>
#include <utility>

#include "apps/store/http.h"
#include "apps/store/lower_case.h"
#include "apps/store/web_address.h"
#include "apps/workflow/services/public_address.h"
#include "engine/base/escaped.h"
#include "engine/text/unicode.h"

namespace hearth::workflow {

using Json = HttpClient::Json;
using store::WebAddress;

namespace {

constexpr int kMostRedirects = 10;
constexpr size_t kLongestAnswer = size_t{16} << 20;

/// What says how the request is carried, or to whom: that is not the workflow's to say.
constexpr std::string_view kOwnHeaders[] = {
    "host", "content-length", "transfer-encoding", "connection", "upgrade", "proxy-authorization", "expect",
    "te"};

Error bad_header(std::string_view name, std::string_view why) {
  return {ErrorCode::kInvalidArgument, fmt::format("the header '{}' {}", escaped(name), why)};
}

/// Each as a line.
Result<std::vector<std::string>> header_lines(const Json& headers) {
  std::vector<std::string> lines;
  bool has_type = false;
  for (auto header = headers.begin(); header != headers.end(); ++header) {
    const std::string name = store::lower_case(header.key());
    const bool is_name = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char letter) {
      return std::isalnum(letter) != 0 ||
             std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(letter)) != std::string_view::npos;
    });
    if (!is_name || !header.value().is_string()) return bad_header(header.key(), "is none");
    if (std::find(std::begin(kOwnHeaders), std::end(kOwnHeaders), name) != std::end(kOwnHeaders))
      return bad_header(name, "is set by the request itself");
    const auto& value = header.value().get_ref<const std::string&>();
    const bool is_plain = std::none_of(value.begin(), value.end(), [](unsigned char letter) {
      return letter < 0x20 ? letter != '\t' : letter == 0x7F;
    });
    if (!is_plain) return bad_header(name, "has a value with control characters");
    has_type = has_type || name == "content-type";
    // libcurl takes "NAME:" for a header that is to be left out.
    lines.push_back(value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
  }
  if (!has_type) lines.emplace_back("content-type:");  // not a form's
  lines.emplace_back("expect:");
  return lines;
}

/// Whether the origin says itself that its server may be near: by an address, or localhost.
bool names_an_address(const WebAddress& url) {
  const std::string& host = url.host();
  return host == "localhost" || host.starts_with('[') ||
         host.find_first_not_of("0123456789.") == std::string::npos;
}

Json answer_of(const store::HttpHead& head, const std::string& body) {
  Json headers = Json::object();
  for (const auto& [name, value] : head.headers) headers[valid_utf8(name)] = valid_utf8(value);
  return {{"status", head.status}, {"headers", std::move(headers)}, {"body", valid_utf8(body)}};
}

/// One request, whose answer may lead on.
Result<store::HttpHead> send(store::HttpRequest& request, const std::function<bool()>& goes_on,
                             std::string& body) {
  bool was_refused = false;
  request.may_connect = [&, is_near = names_an_address(request.url)](const sockaddr& address) {
    was_refused = !is_near && !is_public(address);
    return !was_refused;
  };
  store::HttpReceiver receiver;
  receiver.go_on = [&](const std::string&) { return goes_on(); };
  receiver.begin = [](const store::HttpHead&) { return Result<void>(); };
  receiver.body = [&](std::span<const std::byte> bytes) -> Result<void> {
    if (bytes.size() > kLongestAnswer - body.size()) {
      return Error{ErrorCode::kServer,
                   fmt::format("{}: the answer is longer than {} bytes", request.url.href(), kLongestAnswer)};
    }
    body.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  };
  Result<store::HttpHead> head = store::http_send(request, receiver);
  if (head.ok() || !was_refused) return head;
  return Error{
      ErrorCode::kUnsupported,
      fmt::format("{} leads to this machine or its own network; list its address instead of its name "
                  "if that is meant",
                  request.url.origin())};
}

/// As browsers do: another one is asked with GET, but where the status says not to.
void lead_on(store::HttpRequest& request, WebAddress next, long status) {
  if (next.origin() != request.url.origin()) request.headers.clear();
  if (status != 307 && status != 308) {
    request.method = "GET";
    request.body.clear();
  }
  request.url = std::move(next);
}

}  // namespace

HttpClient::HttpClient(const std::vector<std::string>& origins, std::string_view lists) : lists_(lists) {
  for (const std::string& origin : origins) {
    if (Result<std::string> known = origin_of(origin); known.ok()) origins_.push_back(*std::move(known));
  }
}

Error HttpClient::refusal_of(std::string_view origin) const {
  return {ErrorCode::kUnsupported,
          fmt::format("workflows may not ask {} here; {} lists whom they may ask", origin, lists_)};
}

Result<Json> HttpClient::answer(const Json& request, const std::function<bool()>& goes_on) const {
  HEARTH_ASSIGN(WebAddress url, WebAddress::parse(request.value("url", "")));
  store::HttpRequest asked{std::move(url)};
  asked.method = request.value("method", "GET");
  if (asked.method != "GET" && asked.method != "POST")
    return Error{ErrorCode::kUnsupported, fmt::format("requests are GET or POST, not {}", asked.method)};
  HEARTH_ASSIGN(asked.headers, header_lines(request.value("headers", Json::object())));
  asked.body = request.value("body", "");
  for (int redirects = 0; redirects <= kMostRedirects; ++redirects) {
    if (std::find(origins_.begin(), origins_.end(), asked.url.origin()) == origins_.end())
      return refusal_of(asked.url.origin());
    std::string body;
    HEARTH_ASSIGN(const store::HttpHead head, send(asked, goes_on, body));
    const std::string location = store::redirect_of(head);
    if (location.empty()) return answer_of(head, body);
    HEARTH_ASSIGN(WebAddress next, asked.url.resolve(location));
    lead_on(asked, std::move(next), head.status);
  }
  return Error{ErrorCode::kServer, fmt::format("{}: the server redirects without an end", asked.url.href())};
}

Result<std::string> origin_of(std::string_view text) {
  HEARTH_ASSIGN(const WebAddress address, WebAddress::parse(text));
  if (address.href() == address.origin() + "/") return address.origin();
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("{}: an origin has no path; {} is one", escaped(text), address.origin())};
}

}  // namespace hearth::workflow
