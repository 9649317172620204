// Lists of what repositories have, kept in the cache folder (listings/) for when there is no network.
// @hearth/node reads and writes the same.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "apps/store/hugging_face.h"

namespace hearth::store {

/// A page of a list, as it was when it was had.
struct ListingPage {
  std::vector<RepositoryFile> files;
  std::string next;  // the address of the page that follows; empty where there is none
  std::string etag;  // by which the server tells whether it is the same still; may be empty
  int64_t time = 0;  // milliseconds since 1970
};

int64_t milliseconds_now();

/// The page at that address; nullopt where none was kept, or what was kept is none.
std::optional<ListingPage> read_page(const std::filesystem::path& folder, const std::string& url);
/// nullopt for what is no page.
std::optional<ListingPage> parse_page(const std::string& text);
/// What cannot be kept is not, and nothing fails for it.
void write_page(const std::filesystem::path& folder, const std::string& url, const ListingPage& page);

/// All pages of a list as they were kept, as one, with the time of the oldest; nullopt where one is missing.
std::optional<ListingPage> listed_before(const std::filesystem::path& folder, const std::string& url);

}  // namespace hearth::store
