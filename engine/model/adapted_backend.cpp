#include "engine/model/adapted_backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/model/workspace.h"

namespace hearth {

AdaptedBackend::~AdaptedBackend() {
  device_.release(products_.memory);
  device_.release(gates_.memory);
}

void AdaptedBackend::begin(std::span<const int32_t> sequences, std::span<const int32_t> positions,
                           std::span<const AdapterSet* const> adapters) {
  outcome_ = {};
  runs_.clear();
  for (size_t row = 0; row < sequences.size(); ++row) {
    const AdapterSet* set = adapters[static_cast<size_t>(sequences[row])];
    if (runs_.empty() || !runs_.back().takes(set, positions[row])) {
      runs_.push_back({static_cast<int64_t>(row), 0, set, positions[row]});
    }
    ++runs_.back().count;
  }
}

bool AdaptedBackend::Run::takes(const AdapterSet* set, int32_t at) const {
  if (set != adapters) return false;
  return set == nullptr || std::ranges::all_of(set->members, [&](const AdapterSet::Member& member) {
           return has(member) == (member.first_position <= at);
         });
}

std::vector<LowRankProduct> AdaptedBackend::Run::added_to(const Weight& weight) const {
  std::vector<LowRankProduct> added;
  if (adapters == nullptr) return added;
  for (const AdapterSet::Member& member : adapters->members) {
    const LowRankPair* pair = has(member) ? member.adapter->find(weight) : nullptr;
    if (pair == nullptr || pair->of_embeddings) continue;
    added.push_back({pair->down, pair->up, member.scale * pair->scale});
  }
  return added;
}

void AdaptedBackend::embed(const Weight& table, std::span<const int32_t> tokens, float scale, Tensor out) {
  device_.embed(table, tokens, scale, out);
  for (const Run& run : runs_) {
    if (run.adapters == nullptr) continue;
    for (const AdapterSet::Member& member : run.adapters->members) {
      const LowRankPair* pair = run.has(member) ? member.adapter->find(table) : nullptr;
      if (pair == nullptr) continue;
      add_embedding(tokens.subspan(static_cast<size_t>(run.first), static_cast<size_t>(run.count)), *pair,
                    scale * member.scale * pair->scale, out.slice_rows(run.first, run.count));
    }
  }
}

void AdaptedBackend::linear(Tensor x, std::span<const Projection> projections) {
  std::vector<Projection> bare(projections.begin(), projections.end());
  for (Projection& projection : bare) projection.activation.reset();
  device_.linear(x, bare);
  for (const Projection& projection : projections) {
    add_products(x, projection.weight, projection.out);
    if (projection.activation) device_.activate(*projection.activation, projection.out);
  }
}

void AdaptedBackend::gated_linear(Tensor x, const Weight& gate, const Weight& up, Activation activation,
                                  Tensor out) {
  const auto is_adapted = [&](const Run& run) { return run.adapts(gate) || run.adapts(up); };
  // Rows without adapters are computed as they are alone, whatever else is in the batch.
  if (!std::all_of(runs_.begin(), runs_.end(), is_adapted)) {
    device_.gated_linear(x, gate, up, activation, out);
  }
  if (std::none_of(runs_.begin(), runs_.end(), is_adapted)) return;
  const auto taken = take(gates_, x.rows, {gate.rows, up.rows});
  if (!taken) return;
  const auto& [gates, ups] = *taken;
  const std::array projections{Projection{gate, {}, gates}, Projection{up, {}, ups}};
  linear(x, projections);
  for (const Run& run : runs_) {
    if (!is_adapted(run)) continue;
    const auto rows_of = [&](Tensor all) { return all.slice_rows(run.first, run.count); };
    device_.gate(activation, rows_of(gates), rows_of(ups), rows_of(out));
  }
}

void AdaptedBackend::linear_by_head(Tensor x, const Weight& weight, Tensor out) {
  device_.linear_by_head(x, weight, out);
  for (const Run& run : runs_) {
    for (const LowRankProduct& added : run.added_to(weight)) {
      add_product_by_head(x.slice_rows(run.first, run.count), added, out.slice_rows(run.first, run.count));
    }
  }
}

void AdaptedBackend::add_products(Tensor x, const Weight& weight, Tensor out) {
  for (const Run& run : runs_) {
    for (const LowRankProduct& added : run.added_to(weight)) {
      add_product(x.slice_rows(run.first, run.count), added, weight, out.slice_rows(run.first, run.count));
    }
  }
}

// Every row goes through its experts by itself, so that rows without adapters are computed as they are alone.
void AdaptedBackend::experts(const ExpertParameters& parameters, const ExpertWeights& weights, Tensor logits,
                             Tensor x, Tensor out) {
  for (const Run& run : runs_) {
    const auto gate = run.added_to(weights.gate.all);
    const auto up = run.added_to(weights.up.all);
    const auto down = run.added_to(weights.down.all);
    ExpertWeights adapted = weights;
    adapted.gate.added = gate;
    adapted.up.added = up;
    adapted.down.added = down;
    const auto rows_of = [&](Tensor all) { return all.slice_rows(run.first, run.count); };
    device_.experts(parameters, adapted, rows_of(logits), rows_of(x), rows_of(out));
  }
}

// out += scale * B (A x), of the rows of B that belong to the part of the matrix that `weight` is.
void AdaptedBackend::add_product(Tensor x, const LowRankProduct& added, const Weight& weight, Tensor out) {
  const auto taken = take(products_, x.rows, {added.down.rows, out.columns});
  if (!taken) return;
  const auto& [narrow, wide] = *taken;
  const Projection down{added.down, {}, narrow};
  device_.linear(x, {&down, 1});
  const Projection up{added.up.slice_rows(weight.first_row, weight.rows), {}, wide};
  device_.linear(narrow, {&up, 1});
  device_.add_scaled(out, wide, added.scale);
}

// The same with halves of each head's own.
void AdaptedBackend::add_product_by_head(Tensor x, const LowRankProduct& added, Tensor out) {
  const auto taken = take(products_, x.rows, {added.down.rows, out.columns});
  if (!taken) return;
  const auto& [narrow, wide] = *taken;
  device_.linear_by_head(x, added.down, narrow);
  device_.linear_by_head(narrow, added.up, wide);
  device_.add_scaled(out, wide, added.scale);
}

void AdaptedBackend::add_embedding(std::span<const int32_t> tokens, const LowRankPair& pair, float scale,
                                   Tensor out) {
  const auto taken = take(products_, out.rows, {pair.down.columns, out.columns});
  if (!taken) return;
  const auto& [narrow, wide] = *taken;
  device_.embed(pair.down, tokens, 1.0F, narrow);
  const Projection up{pair.up, {}, wide};
  device_.linear(narrow, {&up, 1});
  device_.add_scaled(out, wide, scale);
}

std::optional<AdaptedBackend::Two> AdaptedBackend::take(Room& room, int64_t rows,
                                                        std::array<int64_t, 2> widths) {
  if (!outcome_.ok()) return std::nullopt;
  const uint64_t bytes = static_cast<uint64_t>(rows * Workspace::columns_of(widths)) * sizeof(float);
  if (bytes > room.bytes) {
    device_.release(std::exchange(room, {}).memory);
    const Result<Buffer> memory = device_.allocate(bytes);
    if (!memory.ok()) {
      outcome_ = Error{memory.error().code,
                       fmt::format("no memory for what adapters make of {} rows ({} bytes)", rows, bytes)};
      return std::nullopt;
    }
    room = {*memory, bytes};
  }
  return Workspace(room.memory, rows).take(widths);
}

}  // namespace hearth
