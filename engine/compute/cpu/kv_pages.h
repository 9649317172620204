// How the CPU arranges keys and values inside a page (kv_layout.h), and putting them there.
//
// A head's values lie as the format stores rows: slot after slot, each `value_dimension` elements in blocks
// of the cache's type. Its keys are turned: dimension after dimension, each with all kPagePositions slots
// side by side, so that the scores of neighbouring keys are neighbouring lanes and one pass over the page
// serves every query, with no sum across lanes. For Q8_0 and Q4_0 a group of 32 dimensions is first the
// kPagePositions scales of its blocks, then their numbers, turned likewise: 32 (Q8_0) or 16 (Q4_0, the
// nibbles of dimensions i and i + 16) bytes of each block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/compute/backend.h"

namespace hearth::cpu {

struct Context;

/// Elements in a block of Q8_0 and Q4_0.
inline constexpr int64_t kKvBlock = 32;

/// One page of a head as `layout` has it, of key_bytes then value_bytes of kPagePositions positions, made of
/// `positions` of a sequence, at most as many: their keys and values in the slots from the first on. What the
/// others hold means nothing.
void gather_positions(const KvPages& kv, std::span<const int32_t> pages, int32_t head,
                      std::span<const int32_t> positions, std::byte* page);

/// Backend::append_kv.
void append_kv(Context& context, const KvPages& kv, const BatchRows& rows, Tensor k, Tensor v);

}  // namespace hearth::cpu
