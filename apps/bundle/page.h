// The page of a bundle: the chat page, that of its workflow, or one of the user's own.
#pragma once

#include <filesystem>
#include <string>

#include "apps/bundle/files.h"
#include "engine/base/result.h"

namespace hearth::bundle {

/// The files of a folder, with what makes them the page of a bundle: the script that starts it in index.html,
/// and the web manifest with `icons`, by which it is installed, where it has none of its own.
/// INVALID_ARGUMENT where there is no index.html, or a file under a name that a bundle gives to its own.
Result<Files> page_files(const std::filesystem::path& folder, const std::filesystem::path& icons,
                         const std::string& name);

}  // namespace hearth::bundle
