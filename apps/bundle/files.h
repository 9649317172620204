// The small files of a bundle, all but its model, as they are put together in memory.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "engine/base/result.h"

namespace hearth::bundle {

/// Their bytes by their paths within the bundle, "/" between folders.
using Files = std::map<std::string, std::string>;

/// All bytes of a file. NOT_FOUND or IO.
Result<std::string> read_file(const std::filesystem::path& path);

/// The files below a folder but hidden ones (".git"), each path after `prefix`. NOT_FOUND where there is
/// none.
Result<Files> read_folder(const std::filesystem::path& folder, const std::string& prefix = "");

Result<void> write_file(const std::filesystem::path& path, const std::string& bytes);

/// Makes the folders that they are in, too.
Result<void> write_files(const Files& files, const std::filesystem::path& folder);

}  // namespace hearth::bundle
