#include "engine/base/processor_count.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#if defined(__linux__)
#include <sched.h>
#endif

namespace hearth {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> first_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  return line;
}

/// The whole processors that `quota` of every `period` microseconds are worth; a fraction is dropped, because
/// a thread that runs into the quota stalls all the others.
int64_t whole_processors(int64_t quota, int64_t period) {
  if (quota <= 0 || period <= 0) return std::numeric_limits<int64_t>::max();
  return std::max<int64_t>(1, quota / period);
}

/// A number, or 0 for anything else ("max").
int64_t to_number(std::string_view text) {
  int64_t number = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9' || number > std::numeric_limits<int64_t>::max() / 10 - 9) return 0;
    number = number * 10 + (digit - '0');
  }
  return number;
}

/// cgroup v2: "max 100000" or "150000 100000", quota and period in microseconds.
int64_t processors_of_v2(const fs::path& group) {
  const auto line = first_line(group / "cpu.max");
  if (!line) return std::numeric_limits<int64_t>::max();
  const size_t space = std::min(line->find(' '), line->size());
  const std::string_view text = *line;
  return whole_processors(to_number(text.substr(0, space)),
                          to_number(text.substr(std::min(space + 1, text.size()))));
}

int64_t processors_of_v1(const fs::path& group) {
  const auto quota = first_line(group / "cpu.cfs_quota_us");
  const auto period = first_line(group / "cpu.cfs_period_us");
  if (!quota || !period) return std::numeric_limits<int64_t>::max();
  return whole_processors(to_number(*quota), to_number(*period));
}

/// The least that the group at `path` below `mount`, or a group above it, grants.
int64_t least_of_ancestors(const fs::path& mount, fs::path path, int64_t (*processors_of)(const fs::path&)) {
  int64_t least = processors_of(mount);
  for (path = path.relative_path(); !path.empty(); path = path.parent_path()) {
    least = std::min(least, processors_of(mount / path));
  }
  return least;
}

/// Each line of /proc/self/cgroup is "hierarchy:controllers:path"; v2 has no controllers.
int64_t granted_processors(const fs::path& root) {
  int64_t least = std::numeric_limits<int64_t>::max();
  std::ifstream groups(root / "proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? std::string::npos : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const fs::path path = line.substr(second + 1);
    if (controllers == ",,") {
      least = std::min(least, least_of_ancestors(root / "sys/fs/cgroup", path, processors_of_v2));
    } else if (controllers.find(",cpu,") != std::string::npos) {
      least = std::min(least, least_of_ancestors(root / "sys/fs/cgroup/cpu", path, processors_of_v1));
    }
  }
  return least;
}

}  // namespace

std::vector<int> allowed_processors() {
  std::vector<int> processors;
#if defined(__linux__)
  // The kernel refuses a set smaller than its own, so grow until it fits.
  for (int capacity = 1024; capacity <= 1024 * 1024; capacity *= 2) {
    cpu_set_t* set = CPU_ALLOC(static_cast<size_t>(capacity));
    if (set == nullptr) return {};
    const size_t bytes = CPU_ALLOC_SIZE(static_cast<size_t>(capacity));
    const bool fits = sched_getaffinity(0, bytes, set) == 0;
    for (int i = 0; fits && i < capacity; ++i) {
      if (CPU_ISSET_S(static_cast<size_t>(i), bytes, set)) processors.push_back(i);
    }
    CPU_FREE(set);
    if (fits) break;
  }
#endif
  return processors;
}

int usable_core_count(std::span<const int> processors, const fs::path& root) {
  std::set<std::string> cores;
  for (const int processor : processors) {
    const fs::path topology = root / ("sys/devices/system/cpu/cpu" + std::to_string(processor)) / "topology";
    auto siblings = first_line(topology / "core_cpus_list");
    if (!siblings) siblings = first_line(topology / "thread_siblings_list");  // before Linux 5.4
    cores.insert(siblings.value_or(std::to_string(processor)));
  }
  const int64_t usable = std::min(static_cast<int64_t>(cores.size()), granted_processors(root));
  return static_cast<int>(std::max<int64_t>(1, usable));
}

}  // namespace hearth
