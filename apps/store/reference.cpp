#include "apps/store/reference.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "engine/base/escaped.h"
#include "engine/text/unicode.h"

namespace hearth::store {
namespace {

constexpr std::string_view kHuggingFace = "hf:";

bool is_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char letter) {
    return std::isalnum(letter) != 0 || letter == '_' || letter == '-' || letter == '.';
  });
}

bool is_dots(std::string_view text) { return text.find_first_not_of('.') == std::string_view::npos; }

/// Of an owner or a repository: it becomes a part of URLs' paths, in which dots would lead elsewhere.
bool is_name(std::string_view text) { return is_word(text) && !is_dots(text); }

/// Whether it leads to a file below the repository.
bool is_file_path(std::string_view path) {
  if (path.find_first_of("?#\\") != std::string_view::npos || valid_utf8(path) != path) return false;
  while (true) {
    const size_t end = path.find('/');
    const std::string_view segment = path.substr(0, end);
    if (segment.empty() || segment == "." || segment == "..") return false;
    if (std::any_of(segment.begin(), segment.end(), [](unsigned char byte) { return byte < 0x20; }))
      return false;
    if (end == std::string_view::npos) return true;
    path.remove_prefix(end + 1);
  }
}

/// What is in front of `separator`, which goes with it; all of it where there is none.
std::string_view take_until(std::string_view& text, char separator) {
  const std::string_view taken = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(taken.size() + 1, text.size()));
  return taken;
}

std::optional<RepositoryReference> parse_repository(std::string_view text) {
  text.remove_prefix(kHuggingFace.size());
  if (text.starts_with("//")) text.remove_prefix(2);
  RepositoryReference name;
  name.owner = take_until(text, '/');
  const size_t end = std::min(text.find_first_of(":/"), text.size());
  std::string_view repository = text.substr(0, end);
  const std::string_view rest = text.substr(end);
  const bool has_revision = repository.find('@') != std::string_view::npos;
  name.repository = take_until(repository, '@');
  if (has_revision) name.revision = repository;
  if (rest.starts_with('/')) name.file = rest.substr(1);
  if (rest.starts_with(':')) name.quantization = rest.substr(1);
  const bool sound = is_name(name.owner) && is_name(name.repository) && is_name(name.revision) &&
                     (!rest.starts_with('/') || is_file_path(name.file)) &&
                     (!rest.starts_with(':') || is_word(name.quantization));
  return sound ? std::optional(std::move(name)) : std::nullopt;
}

/// "http" of "http://...", in lower case; empty where there is none.
std::string scheme_of(std::string_view text) {
  const size_t end = text.find(':');
  if (end == std::string_view::npos || std::isalpha(static_cast<unsigned char>(text.front())) == 0) return "";
  std::string scheme(text.substr(0, end));
  for (char& letter : scheme) {
    const auto byte = static_cast<unsigned char>(letter);
    if (std::isalnum(byte) == 0 && letter != '+' && letter != '-' && letter != '.') return "";
    letter = static_cast<char>(std::tolower(byte));
  }
  return scheme;
}

}  // namespace

std::string RepositoryReference::folder_url(const std::string& endpoint) const {
  return fmt::format("{}/{}/{}/resolve/{}/", endpoint, owner, repository, encode_component(revision));
}

Result<WebAddress> RepositoryReference::file_url(const std::string& endpoint, std::string_view path) const {
  if (!is_file_path(path)) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("hf:{}/{}: '{}' leads to no file in it", owner, repository, escaped(path))};
  }
  std::string url = folder_url(endpoint);
  while (true) {
    const size_t end = path.find('/');
    url += encode_component(path.substr(0, end));
    if (end == std::string_view::npos) return WebAddress::parse(url);
    url += '/';
    path.remove_prefix(end + 1);
  }
}

std::string RepositoryReference::str() const {
  return fmt::format("hf:{}/{}{}{}", owner, repository, revision == "main" ? "" : "@",
                     revision == "main" ? "" : revision);
}

std::string RepositoryReference::str(std::string_view path) const {
  return fmt::format("{}/{}", str(), path);
}

Result<Reference> parse_reference(std::string_view text) {
  const auto refuse = [&](std::string_view why) {
    return Error{ErrorCode::kInvalidArgument, fmt::format("{}: {}", escaped(text.substr(0, 200)), why)};
  };
  if (text.empty()) return Error{ErrorCode::kInvalidArgument, "the name of the model is empty"};
  const std::string scheme = scheme_of(text);
  if (scheme.empty()) return Reference(std::filesystem::path(text));
  if (scheme == "http" || scheme == "https") {
    HEARTH_ASSIGN(WebAddress address, WebAddress::parse(text));
    return Reference(std::move(address));
  }
  if (scheme != "hf" || !text.starts_with(kHuggingFace)) {
    return refuse(fmt::format("'{}:' is no kind of source; there are paths, http:, https: and hf:", scheme));
  }
  auto name = parse_repository(text);
  if (name) return Reference(*std::move(name));
  return refuse(
      "expected hf:owner/repository/file.gguf, hf:owner/repository:Q4_K_M or hf:owner/repository, the "
      "repository with "
      "@revision if need be");
}

bool is_address(std::string_view text) {
  constexpr std::array<std::string_view, 3> kSchemes{"http://", "https://", kHuggingFace};
  return std::any_of(kSchemes.begin(), kSchemes.end(),
                     [text](std::string_view scheme) { return text.starts_with(scheme); }) &&
         text.find_first_of(" \t\r\n") == std::string_view::npos;
}

std::optional<std::string> reference_of_url(std::string_view url, const std::string& endpoint) {
  if (!url.starts_with(endpoint + "/")) return std::nullopt;
  url.remove_prefix(endpoint.size() + 1);
  RepositoryReference name;
  name.owner = take_until(url, '/');
  name.repository = take_until(url, '/');
  if (take_until(url, '/') != "resolve") return std::nullopt;
  name.revision = decode_component(take_until(url, '/')).value_or("");
  name.file = decode_component(url).value_or("");
  const bool sound =
      is_name(name.owner) && is_name(name.repository) && is_name(name.revision) && is_file_path(name.file);
  return sound ? std::optional(name.str(name.file)) : std::nullopt;
}

}  // namespace hearth::store
