// Where Hearth keeps what it could get or find out again.
#pragma once

#include <filesystem>

namespace hearth {

/// HEARTH_CACHE, or hearth/ in XDG_CACHE_HOME or ~/.cache. It need not exist.
std::filesystem::path cache_folder();

}  // namespace hearth
