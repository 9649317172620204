// A folder as a tar file: the same bytes for the same files, whoever packs them and when.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "engine/base/result.h"

namespace hearth::bundle {

/// Writes the files below `folder`, sorted by their paths, in the format of POSIX (ustar). UNSUPPORTED for
/// what that has no room for: a file of 8 GiB or more, a path of more than 100 bytes.
Result<void> write_tar(const std::filesystem::path& folder, const std::filesystem::path& file,
                       const std::function<bool(uint64_t done, uint64_t total)>& progress);

}  // namespace hearth::bundle
