// How much memory a model takes to run, before it is loaded.
#pragma once

#include <cstdint>

#include "engine/format/block_type.h"
#include "engine/model/network.h"
#include "engine/model/spec.h"

namespace hearth {

struct MemoryNeed {
  uint64_t weights = 0;      // of a mapped file shared, and given back under pressure
  uint64_t cache = 0;        // keys and values of a full context, and states of one size
  uint64_t activations = 0;  // of the largest batch, with one row of logits
  uint64_t total() const { return weights + cache + activations; }
};

/// `weights` are the bytes of the file without those that are left there (bytes_left_in_file), or the memory
/// limit where that is less. Where spec.n_vocab is not known yet (bind_network sets it), the row of logits is
/// left out: 1 MiB at most.
MemoryNeed memory_need(const ModelSpec& spec, uint64_t weights, int32_t context_size, BlockType kv_type);

/// States of one size for the sequences that run and for texts that are kept. They are megabytes each, from 3
/// (Mamba 130M) to 100 (Nemotron-H 8B), whatever the context: 256 MiB of them, but no fewer than two for each
/// of two sequences, and no more than two for each of `max_sequences`. 0 where the network has none.
int32_t default_slots(const StatePlan& plan, int32_t max_sequences);

/// Positions that a context has where nobody says how many: what the model was trained for, within 512 and
/// 4096. The cache of a longer context can outgrow the weights; a shorter one saves nothing, and headers of
/// tiny models understate theirs.
int32_t default_context_size(const ModelSpec& spec);

/// `wanted`, or where the model goes less far, so many.
int32_t possible_context_size(const ModelSpec& spec, int32_t wanted);

/// Positions of all conversations together where nobody says how many: those of one. An encoder's texts are
/// short and take a page each, whose memory all layers share: enough for a batch of texts of eight tokens.
int32_t default_cache_positions(const ModelSpec& spec, int32_t context_size, int32_t batch_rows);

/// Rows of the largest batch where nobody says how many. Longer batches read each weight less often, but
/// their activations are memory that a small machine misses: 24 MiB are 224 rows of an 8B model and 512 of a
/// 1B one.
int32_t default_batch_rows(const Network& network);

}  // namespace hearth
