// Which layers of a model stay in memory, where there is no room for all.
#pragma once

#include <cstdint>
#include <vector>

namespace hearth {

/// For each layer of `layer_bytes`, whether it stays: all if they fit into `budget` bytes; otherwise as many
/// as leave `room_for_turns` bytes, for those that come and go to take turns in. `budget` must hold that.
///
/// Keeping a fixed set is the best that can be done with a cycle: of a cycle longer than the memory, "least
/// recently used" would drop every layer just before its next use. Those that stay are spread evenly, so that
/// while they are computed with the next can be read.
std::vector<bool> layers_to_keep(const std::vector<uint64_t>& layer_bytes, uint64_t budget,
                                 uint64_t room_for_turns);

}  // namespace hearth
