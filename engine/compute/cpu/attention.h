// Attention over the pages of the key-value cache.
//
// A row's keys are visited in one canonical order, fixed by their positions alone: pages in order, within
// ranges of kRangePositions that begin at multiples of it. Each range keeps its own running maximum, sum and
// output (Milakov & Gimelshein 2018); the ranges' results are merged in order. So one query whose ranges are
// shared out to many threads (Dao et al. 2023, "Flash-Decoding") gives the same bits as a prompt whose rows
// pass over all ranges together.
#pragma once

#include "engine/compute/backend.h"
#include "engine/compute/cpu/context.h"

namespace hearth::cpu {

/// Long enough that merging, once per range, costs little beside the keys; short enough that a few thousand
/// positions keep all threads busy.
inline constexpr int32_t kRangePositions = 512;
static_assert(kRangePositions % kPagePositions == 0);

/// Backend::attend.
void attend(Context& context, const AttentionParameters& parameters, const KvPages& kv, const BatchRows& rows,
            Tensor q, Tensor out);

}  // namespace hearth::cpu
