// What a repository at Hugging Face has, as its list tells.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/store/reference.h"

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

}  // namespace hearth::store
