// How much memory a model takes to run, before it is loaded; and what of it is chosen where nobody says.
#pragma once

#include <cstdint>

#include "engine/model/network.h"
#include "engine/model/spec.h"
#include "engine/options/load_options.h"

namespace hearth {

struct MemoryNeed {
  uint64_t weights = 0;          // of a mapped file shared, and given back under pressure
  uint64_t keys_and_values = 0;  // of a full context
  uint64_t states = 0;           // of one size, for what runs and what is kept
  uint64_t activations = 0;      // of the largest batch, with one row of logits
  /// What is remembered of texts.
  uint64_t cache() const { return keys_and_values + states; }
  uint64_t total() const { return weights + cache() + activations; }
};

/// `weights` are the bytes of the file without those that are left there (bytes_left_in_file), or the memory
/// limit where that is less. Where spec.n_vocab is not known yet (bind_network sets it), the row of logits is
/// left out: 1 MiB at most.
MemoryNeed memory_need(const ModelSpec& spec, uint64_t weights, const LoadOptions& options);

/// What a model is loaded with, where `options` leave something open:
///
/// - positions of a context: what the model was trained for, within 512 and 4096. The cache of a longer
///   context can outgrow the weights; a shorter one saves nothing, and headers of tiny models understate
///   theirs. States that do not grow have room for up to 2^20 positions. Never more than the model can have;
/// - positions of all conversations together: those of one, where they take memory, else of all that run;
/// - rows of the largest batch (default_batch_rows);
///
/// and sequences that run at once: no more than there are rows, and states of one size for (default_slots).
LoadOptions complete_options(LoadOptions options, const ModelSpec& spec, const Network& network);

/// States of one size for the sequences that run and for texts that are kept. They are megabytes each, from 3
/// (Mamba 130M) to 100 (Nemotron-H 8B), whatever the context: 256 MiB of them, but no fewer than two for each
/// of two sequences, and no more than two for each of `max_sequences`. 0 where the network has none.
int32_t default_slots(const StatePlan& plan, int32_t max_sequences);

/// Longer batches read each weight less often, but their activations are memory that a small machine misses:
/// 24 MiB are 224 rows of an 8B model and 512 of a 1B one. Where weights are copied to a GPU for each batch,
/// which takes longer than reading them, four times as much is well spent.
int32_t default_batch_rows(const Network& network, bool gpu_streaming = false);

}  // namespace hearth
