// What a repository at Hugging Face has, and which of its files a reference means.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/store/reference.h"
#include "engine/base/result.h"

namespace hearth::store {

struct RepositoryFile {
  std::string path;  // in the repository
  std::optional<uint64_t> size;
  std::string sha256;  // in lower case; empty where the server does not say
};

/// Where the list of all files begins.
std::string listing_url(const RepositoryReference& name, const std::string& endpoint);

/// The files that one page of the list names; nullopt for what is no such page.
std::optional<std::vector<RepositoryFile>> parse_listing(const std::string& text);

/// The address of the page that follows, as the header `link` has it; empty where this was the last.
std::string next_page(std::string_view link);

/// Of the `paths` in a repository the one that is meant: a model whose name has the quantisation as a word of
/// its own; where the reference has none, Q4_K_M as llama.cpp has it, or else the first. NOT_FOUND listing
/// what there is, or INVALID_ARGUMENT listing what it could be.
Result<std::string> choose_file(const RepositoryReference& name, std::vector<std::string> paths);

}  // namespace hearth::store
