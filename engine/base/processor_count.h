// How many physical cores the process may keep busy.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

namespace hearth {

/// The logical processors that the scheduler lets this process run on; empty where the system does not say.
std::vector<int> allowed_processors();

/// Physical cores among `processors` (hyper-threads of one core count once, by the topology that Linux shows
/// under `root`/sys), but no more than the whole processors that the process's control group grants it
/// (cpu.max of cgroup v2, cpu.cfs_quota_us of v1, in the group and those above it). At least 1. A missing
/// file sets no limit.
int usable_core_count(std::span<const int> processors, const std::filesystem::path& root = "/");

}  // namespace hearth
