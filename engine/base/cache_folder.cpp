#include "engine/base/cache_folder.h"

#include <cstdlib>
#include <string>

namespace hearth {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::filesystem::path cache_folder() {
  if (const std::string cache = variable("HEARTH_CACHE"); !cache.empty()) return cache;
  if (const std::string caches = variable("XDG_CACHE_HOME"); !caches.empty())
    return std::filesystem::path(caches) / "hearth";
  return std::filesystem::path(variable("HOME")) / ".cache" / "hearth";
}

}  // namespace hearth
