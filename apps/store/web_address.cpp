#include "apps/store/web_address.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <utility>
#include <vector>

#include "apps/store/lower_case.h"
#include "engine/base/escaped.h"
#include "engine/text/unicode.h"

namespace hearth::store {
namespace {

constexpr size_t kLongestAddress = 8192;

struct CurlUrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using CurlUrl = std::unique_ptr<CURLU, CurlUrlDeleter>;

/// Empty where the URL has no such part.
std::string part_of(const CurlUrl& url, CURLUPart part, unsigned int flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, flags) != CURLUE_OK) return "";
  std::string result = text;
  curl_free(text);
  return result;
}

bool is_plain(unsigned char byte) { return byte > 0x20 && byte < 0x7F; }

/// With everything that is not printable ASCII, or is among `others`, percent-encoded.
std::string encode(std::string_view text, std::string_view others) {
  std::string result;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (is_plain(byte) && others.find(letter) == std::string_view::npos) {
      result += letter;
    } else {
      result += fmt::format("%{:02X}", byte);
    }
  }
  return result;
}

/// It becomes a part of a folder's name.
bool is_host(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](unsigned char letter) {
    return std::isalnum(letter) != 0 ||
           std::string_view("-._[]:").find(static_cast<char>(letter)) != std::string_view::npos;
  });
}

/// Whether it is so many dots, some of them percent-encoded or not.
bool is_dots(std::string_view segment, size_t count) {
  size_t dots = 0;
  while (!segment.empty()) {
    const size_t length = segment.front() == '.' ? 1 : lower_case(segment.substr(0, 3)) == "%2e" ? 3 : 0;
    if (length == 0) return false;
    segment.remove_prefix(length);
    ++dots;
  }
  return dots == count;
}

/// Follows "." and "..", also where they are percent-encoded.
std::string without_dots(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    const bool up = is_dots(segment, 2);
    if (up && !segments.empty()) segments.pop_back();
    if (!up && !is_dots(segment, 1)) {
      segments.push_back(segment);
    } else if (path.empty()) {
      segments.emplace_back();
    }
  }
  std::string result;
  for (const std::string_view segment : segments) result.append("/").append(segment);
  return result.empty() ? "/" : result;
}

}  // namespace

Result<WebAddress> WebAddress::parse(std::string_view text) { return parse_at("", text); }

Result<WebAddress> WebAddress::resolve(std::string_view reference) const {
  return parse_at(href(), reference);
}

Result<WebAddress> WebAddress::parse_at(const std::string& base, std::string_view text) {
  const auto refuse = [&](std::string_view why) {
    return Error{ErrorCode::kInvalidArgument, fmt::format("{}: {}", escaped(text.substr(0, 200)), why)};
  };
  if (text.size() > kLongestAddress) return refuse("this address is too long");
  std::string given(text);
  if (std::any_of(given.begin(), given.end(),
                  [](unsigned char byte) { return byte < 0x20 || byte == 0x7F; })) {
    return refuse("an address has no control characters");
  }
  given = encode(given.substr(0, given.find('#')), "");
  const size_t path_end = std::min(given.find('?'), given.size());
  std::replace(given.begin(), given.begin() + static_cast<std::ptrdiff_t>(path_end), '\\', '/');
  const CurlUrl url(curl_url());
  if (!base.empty()) curl_url_set(url.get(), CURLUPART_URL, base.c_str(), CURLU_PATH_AS_IS);
  const CURLUcode problem =
      curl_url_set(url.get(), CURLUPART_URL, given.c_str(), CURLU_PATH_AS_IS | CURLU_NON_SUPPORT_SCHEME);
  if (problem != CURLUE_OK) return refuse(fmt::format("this is no address: {}", curl_url_strerror(problem)));
  WebAddress address;
  address.scheme_ = lower_case(part_of(url, CURLUPART_SCHEME));
  if (address.scheme_ != "http" && address.scheme_ != "https")
    return refuse("only http: and https: are read");
  if (!part_of(url, CURLUPART_USER).empty() || !part_of(url, CURLUPART_PASSWORD).empty()) {
    return refuse("an address has no user's name in it; send a header instead");
  }
  address.host_ = lower_case(part_of(url, CURLUPART_HOST));
  if (!is_host(address.host_)) return refuse("this address has no host, or none in ASCII letters (xn--...)");
  address.port_ = part_of(url, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
  const std::string query = part_of(url, CURLUPART_QUERY);
  address.query_ = query.empty() ? "" : "?" + encode(query, "\"#<>'");
  return address.with_path(part_of(url, CURLUPART_PATH));
}

std::string WebAddress::origin() const {
  return fmt::format("{}://{}{}{}", scheme_, host_, port_.empty() ? "" : ":", port_);
}

std::string WebAddress::file_name() const {
  const std::string name = path_.substr(path_.rfind('/') + 1);
  return decode_component(name).value_or(name);
}

WebAddress WebAddress::with_path(std::string path) const {
  WebAddress address = *this;
  address.path_ = without_dots(encode(path, "\"#<>?`{}"));
  return address;
}

std::string encode_component(std::string_view text) { return encode(text, "\"#$%&+,/:;<=>?@[\\]^`{|}"); }

std::optional<std::string> decode_component(std::string_view text) {
  const auto digit = [](char letter) {
    const size_t value = std::string_view("0123456789abcdef").find(lower_case(std::string_view(&letter, 1)));
    return value == std::string_view::npos ? -1 : static_cast<int>(value);
  };
  std::string result;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      result += text[at];
      continue;
    }
    if (text.size() - at < 3 || digit(text[at + 1]) < 0 || digit(text[at + 2]) < 0) return std::nullopt;
    result += static_cast<char>(digit(text[at + 1]) * 16 + digit(text[at + 2]));
    at += 2;
  }
  if (valid_utf8(result) != result) return std::nullopt;
  return result;
}

}  // namespace hearth::store
