#include "engine/base/system_error.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace hearth {

Error system_error(const std::filesystem::path& path, const char* action, int problem) {
  const ErrorCode code = problem == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
  return {code, fmt::format("{}: cannot {}: {}", path.string(), action, std::strerror(problem))};
}

}  // namespace hearth
