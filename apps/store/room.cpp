// What this machine has for a model.
#include <unistd.h>

#include <fstream>

#include "apps/store/choose_model.h"

namespace hearth::store {
namespace {

/// What the group of processes that this one belongs to may take, in a container say.
std::optional<uint64_t> memory_of_group() {
  std::ifstream limit("/sys/fs/cgroup/memory.max");
  uint64_t bytes = 0;
  return limit >> bytes ? std::optional(bytes) : std::nullopt;  // "max" is no number
}

std::optional<uint64_t> memory_of_machine() {
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page_bytes = sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page_bytes <= 0) return std::nullopt;
  return static_cast<uint64_t>(pages) * static_cast<uint64_t>(page_bytes);
}

}  // namespace

Room room_here() {
  Room room{memory_of_machine(), std::nullopt};
  const auto group = memory_of_group();
  if (group && (!room.memory || *group < *room.memory)) room.memory = group;
  return room;
}

}  // namespace hearth::store
