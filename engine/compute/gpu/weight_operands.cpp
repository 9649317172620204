#include "engine/compute/gpu/weight_operands.h"

#include <fmt/format.h>

#include <utility>

#include "engine/compute/gpu/memory.h"
#include "engine/compute/gpu/weight_kernels.h"

namespace hearth::gpu {
namespace {

/// Of a group of embed.wgsl and align.wgsl.
constexpr uint64_t kEmbedThreads = 64;
constexpr uint64_t kAlignThreads = 256;

}  // namespace

Buffer WeightOperands::allocate(uint64_t bytes) {
  const Result<Buffer> buffer = memory_.allocate(bytes);
  if (!buffer.ok()) {
    recorder_.fail(buffer.error());
    return {};
  }
  return *buffer;
}

Operand WeightOperands::grid(BlockType type) {
  if (!needs_codebook(type)) return {};
  if (!codebook_) {
    const std::vector<uint32_t> words = make_codebook();
    codebook_bytes_ = words.size() * sizeof(uint32_t);
    codebook_ = allocate(codebook_bytes_);
    if (codebook_) memory_.write(std::as_bytes(std::span(words)), codebook_);
  }
  return {codebook_, codebook_bytes_};
}

void WeightOperands::embed(const Weight& table, std::span<const uint32_t> pairs, float scale, Tensor out) {
  const Weight from = aligned(table);
  const auto rows = static_cast<int64_t>(pairs.size() / 2);
  const auto eighths = static_cast<uint64_t>(rows * ((from.columns + 7) / 8));
  recorder_.call("embed/type=" + type_option(from.type), {reads(from), grid(from.type), writes(out)},
                 {from.columns, rows, from.row_bytes(), recorder_.data(pairs), scale},
                 recorder_.groups_for(eighths, kEmbedThreads));
}

Weight WeightOperands::prepare(const Weight& weight) {
  return is_multiplied(weight.type) ? aligned(weight) : decoded(weight);
}

void WeightOperands::release_copies() {
  for (const Buffer& copy : std::exchange(copies_, {})) memory_.release(copy);
}

Weight WeightOperands::aligned(const Weight& weight) {
  if (place_of(weight.data).offset % weight_alignment(weight.type) == 0) return weight;
  const Operand from = reads(weight);
  const Buffer copy = copies_.emplace_back(allocate(from.bytes));
  recorder_.call("align", {from, {copy, from.bytes, true}}, {static_cast<uint32_t>(from.bytes)},
                 recorder_.groups_for((from.bytes + 3) / 4, kAlignThreads));
  return {weight.type, weight.rows, weight.columns, copy};
}

Weight WeightOperands::decoded(const Weight& weight) {
  std::vector<uint32_t> pairs;
  for (uint32_t row = 0; row < static_cast<uint32_t>(weight.rows); ++row)
    pairs.insert(pairs.end(), {row, row});
  Tensor copy{{}, weight.rows, weight.columns};
  copy.data = copies_.emplace_back(allocate(copy.bytes()));
  embed(weight, pairs, 1.0F, copy);
  return {BlockType::kF32, weight.rows, weight.columns, copy.data};
}

}  // namespace hearth::gpu
