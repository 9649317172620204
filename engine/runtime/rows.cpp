#include "engine/runtime/rows.h"

#include <algorithm>

namespace hearth {

void Rows::add(std::span<const TokenId> all_tokens, const SequenceState& state, int32_t count,
               int32_t outputs_wanted, std::span<const TokenId> draft, const AdapterSet* with_adapters) {
  const auto sequence = static_cast<int32_t>(pages.size());
  pages.push_back(state.pages());
  slots.push_back(state.slot());
  sources.push_back(state.source());
  adapters.push_back(with_adapters);
  for (int32_t position = state.length() - count; position < state.length(); ++position) {
    const auto index = static_cast<size_t>(position);
    tokens.push_back(index < all_tokens.size() ? all_tokens[index] : draft[index - all_tokens.size()]);
    positions.push_back(position);
    sequences.push_back(sequence);
  }
  const auto end = static_cast<int32_t>(tokens.size());
  for (int32_t row = end - outputs_wanted; row < end; ++row) outputs.push_back(row);
}

Batch Rows::batch() const {
  Batch batch{tokens, {positions, sequences, pages, slots, sources}, outputs};
  const bool has_adapters =
      std::any_of(adapters.begin(), adapters.end(), [](const AdapterSet* each) { return each != nullptr; });
  if (has_adapters) batch.adapters = adapters;
  return batch;
}

}  // namespace hearth
