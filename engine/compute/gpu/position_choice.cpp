// Choosing the positions that attention looks at: scores of all, then the best of them.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "engine/compute/gpu/attention_rows.h"
#include "engine/compute/gpu/gpu_backend.h"

namespace hearth::gpu {
namespace {

/// What scores of the rows that are taken at once may take; one row is always taken.
constexpr uint64_t kMostScoreBytes = 64 << 20;

}  // namespace

void GpuBackend::choose_positions(const KvPages& keys, const BatchRows& rows, Tensor q, Tensor weights,
                                  const ChosenPositions& chosen) {
  std::vector<uint32_t> choosing;
  int32_t last = 0;
  for (uint32_t row = 0; row < rows.positions.size(); ++row) {
    if (!chosen.chooses(rows.positions[row])) continue;
    choosing.push_back(row);
    last = std::max(last, rows.positions[row]);
  }
  if (choosing.empty()) return;
  // Of each list: the positions' scores, and behind those of all lists likewise the blocks'.
  const auto lists = static_cast<uint64_t>(chosen.lists);
  const uint64_t stride = static_cast<uint64_t>(last) + 1;
  const uint64_t row_bytes = lists * stride * sizeof(uint32_t);
  const uint64_t most_rows = std::clamp<uint64_t>(kMostScoreBytes / (2 * row_bytes), 1, choosing.size());
  const Operand scores{scratch(2 * most_rows * row_bytes), most_rows * row_bytes, true};
  if (!scores.buffer) return;
  const Operand best{scores.buffer.at(scores.bytes), scores.bytes, true};
  const KvLayout& layout = keys.layout;
  const std::string kernel = fmt::format("choose_positions/kv={},queries=4", name_of_cache(layout.type));
  for (size_t first = 0; first < choosing.size(); first += most_rows) {
    const size_t count = std::min<size_t>(most_rows, choosing.size() - first);
    std::vector<uint32_t> words;
    for (const uint32_t row : std::span(choosing).subspan(first, count)) {
      words.insert(words.end(), {row, static_cast<uint32_t>(rows.positions[row]),
                                 recorder_.data(rows.pages[static_cast<size_t>(rows.sequences[row])])});
    }
    const uint32_t row_words = recorder_.data(words);
    recorder_.call(
        kernel, {reads(q), {keys.memory, layout.total_bytes()}, reads(weights), scores},
        {row_words, q.columns / layout.key_dimension, chosen.lists, layout.key_dimension,
         static_cast<uint32_t>(layout.page_bytes() / sizeof(uint32_t)), static_cast<uint32_t>(stride)},
        {tiles_of(0, static_cast<uint32_t>(stride)), count, 1});
    recorder_.call(
        "choose_positions_best", {{scores.buffer, scores.bytes}, best, writes(chosen.blocks)},
        {row_words, chosen.lists, chosen.count(), chosen.block, chosen.latest, static_cast<uint32_t>(stride)},
        {lists, count, 1});
  }
}

}  // namespace hearth::gpu
