// What a model is pulled by.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "apps/store/web_address.h"
#include "engine/base/result.h"

namespace hearth::store {

/// hf:owner/repository@revision/path/to/file.gguf, or :Q4_K_M in place of the path, or neither.
struct RepositoryReference {
  std::string owner;
  std::string repository;
  std::string revision = "main";
  std::string file;          // a path in the repository; empty where the name leaves open which it is
  std::string quantization;  // empty: the usual one

  /// Where the repository's files are, with a slash at the end.
  std::string folder_url(const std::string& endpoint) const;
  Result<WebAddress> file_url(const std::string& endpoint, std::string_view path) const;
  /// The repository, as users write it: hf:owner/repository@revision.
  std::string str() const;
  /// The same, with `path` as the file.
  std::string str(std::string_view path) const;
};

using Reference = std::variant<RepositoryReference, WebAddress, std::filesystem::path>;

/// INVALID_ARGUMENT for hf: names and URLs that are none, and for other schemes; everything else is a path.
Result<Reference> parse_reference(std::string_view text);

/// Whether it is an hf: name or a URL, be it a right one or not: it has no blanks, which prompts have.
bool is_address(std::string_view text);

/// The file of the repository `url` is that of, as `endpoint` serves it; nullopt where it is another
/// server's.
std::optional<std::string> reference_of_url(std::string_view url, const std::string& endpoint);

}  // namespace hearth::store
