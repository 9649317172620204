// What the operating system refused to do with a file.
#pragma once

#include <cerrno>
#include <filesystem>

#include "engine/base/result.h"

namespace hearth {

/// "PATH: cannot ACTION: why", `problem` being a value of errno: NOT_FOUND where the file does not exist,
/// otherwise IO.
Error system_error(const std::filesystem::path& path, const char* action, int problem = errno);

}  // namespace hearth
