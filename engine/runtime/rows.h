// Rows gathered for one forward pass.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/model/network.h"
#include "engine/model/states.h"
#include "engine/text/tokenizer.h"

namespace hearth {

struct Rows {
  std::vector<int32_t> tokens, positions, sequences, outputs;
  std::vector<std::span<const int32_t>> pages;
  std::vector<int32_t> slots, sources;      // per sequence
  std::vector<const AdapterSet*> adapters;  // per sequence

  /// The last `count` positions of `state`, which holds the first of `all_tokens`, or these and some of the
  /// draft behind them. The last `outputs_wanted` of them give logits.
  void add(std::span<const TokenId> all_tokens, const SequenceState& state, int32_t count,
           int32_t outputs_wanted, std::span<const TokenId> draft = {},
           const AdapterSet* with_adapters = nullptr);
  Batch batch() const;
};

}  // namespace hearth
