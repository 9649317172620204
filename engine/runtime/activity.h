// What a scheduler is doing and has done, for whoever watches it.
#pragma once

#include <cstdint>

namespace hearth {

struct Activity {
  // Answers:
  int32_t running = 0;  // in the batch
  int32_t waiting = 0;  // for a place in it
  int32_t held = 0;     // by readers that do not keep up

  // Positions of keys and values, in whole pages:
  int64_t cache_positions = 0;
  int64_t cache_positions_used = 0;  // by answers, or kept for later ones until they need room

  // Since loading:
  uint64_t steps = 0;              // batches for answers
  uint64_t prompt_tokens = 0;      // that were computed, those of embeddings and logits included
  uint64_t cached_tokens = 0;      // of prompts, found in the cache instead
  uint64_t completion_tokens = 0;  // of answers
};

}  // namespace hearth
