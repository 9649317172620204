// The page of a bundle: the chat page, or one of the user's own.
#pragma once

#include <filesystem>
#include <string>

#include "apps/bundle/files.h"
#include "engine/base/result.h"

namespace hearth::bundle {

/// The page's files, with what makes it one of a bundle: the script that starts it in its index.html, and the
/// web manifest and the icons that it is installed with, where it has none of its own. `own` is the folder of
/// the user's page; empty for the chat page of `web`. INVALID_ARGUMENT where it has no index.html, or files
/// under names that a bundle gives to its own.
Result<Files> page_files(const std::filesystem::path& own, const std::filesystem::path& web,
                         const std::string& name);

}  // namespace hearth::bundle
