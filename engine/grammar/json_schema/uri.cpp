#include "engine/grammar/json_schema/uri.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <vector>

namespace hearth::json_schema {
namespace {

/// How long "scheme:" is; 0 where there is none.
size_t scheme_length(std::string_view uri) {
  const size_t end = uri.find_first_of(":/?#");
  return end == std::string_view::npos || uri[end] != ':' ? 0 : end + 1;
}

/// Where the path begins: behind the scheme and, if there is one, the authority.
size_t path_start(std::string_view uri) {
  const size_t scheme = scheme_length(uri);
  if (!uri.substr(scheme).starts_with("//")) return scheme;
  const size_t end = uri.find_first_of("/?#", scheme + 2);
  return end == std::string_view::npos ? uri.size() : end;
}

std::string without_dots(std::string_view path) {
  std::vector<std::string_view> segments;
  bool open = false;  // whether the path ends with a slash
  for (size_t at = 0; at <= path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    const std::string_view segment = path.substr(at, end - at);
    open = segment == "." || segment == "..";
    if (segment == ".." && segments.size() > 1) segments.pop_back();
    if (!open) segments.push_back(segment);
    at = end + 1;
  }
  std::string joined;
  for (size_t i = 0; i < segments.size(); ++i) {
    if (i > 0) joined += '/';
    joined += segments[i];
  }
  return open ? joined + "/" : joined;
}

}  // namespace

std::string resolved_uri(std::string_view base, std::string_view reference) {
  if (scheme_length(reference) > 0) return std::string(reference);
  base = base.substr(0, base.find('#'));
  if (reference.empty() || reference.starts_with('#')) return std::string(base) + std::string(reference);
  if (reference.starts_with("//")) {
    return std::string(base.substr(0, scheme_length(base))) + std::string(reference);
  }
  const size_t start = path_start(base);
  const size_t path_end = std::min(reference.find_first_of("?#"), reference.size());
  std::string path(reference.substr(0, path_end));
  if (!path.starts_with('/')) {
    const std::string_view base_path = base.substr(start, base.find('?') - start);
    const size_t slash = base_path.rfind('/');
    path = std::string(slash == std::string_view::npos ? "" : base_path.substr(0, slash + 1)) + path;
  }
  return std::string(base.substr(0, start)) + without_dots(path) + std::string(reference.substr(path_end));
}

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    uint8_t byte = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16).ptr == text.data() + i + 3) {
      decoded += static_cast<char>(byte);
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

}  // namespace hearth::json_schema
