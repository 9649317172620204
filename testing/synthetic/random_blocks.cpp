#include "testing/synthetic/random_blocks.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "engine/base/half.h"
#include "engine/base/random.h"
#include "engine/format/block_coding.h"
#include "engine/format/dequantize.h"

namespace hearth {
namespace {

/// Uniform in [-1, 1).
float signed_unit(RandomStream& random) {
  return static_cast<float>(static_cast<int32_t>(random.next() >> 32)) * 0x1p-31F;
}

template <typename Block>
void fill_bits(RandomStream& random, Block& block) {
  auto* to = reinterpret_cast<std::byte*>(&block);
  for (size_t left = sizeof(Block); left > 0;) {
    const uint64_t number = random.next();
    const size_t count = std::min(left, sizeof(number));
    std::memcpy(to, &number, count);
    to += count;
    left -= count;
  }
}

// Blocks' scales differ by up to a factor of 3, so that a kernel that takes a neighbour's is found out.
float varied(RandomStream& random, float scale) { return scale * (1.0F + 0.5F * signed_unit(random)); }

// Where q runs evenly around zero, a negative scale is as good as a positive one, and files have both.
float varied_sign(RandomStream& random, float scale) {
  const float factor = signed_unit(random);
  return std::copysign(varied(random, scale), factor);
}

// One function per way in which a block keeps its scale. Bits that hold quantised values are random: every
// pattern that a quantiser can write means something.

template <typename Block>
void fill_symmetric(RandomStream& random, Block& block, float scale) {
  fill_bits(random, block);
  block.d = f32_to_f16(varied_sign(random, scale));
}

template <typename Block>
void fill_with_minimum(RandomStream& random, Block& block, float scale, float mean_q) {
  fill_bits(random, block);
  const float d = varied(random, scale);
  block.d = f32_to_f16(d);
  block.m = f32_to_f16(-mean_q * d);
}

// K types subtract dmin times a sub-block's own minimum: as large on average as the mean of its values.
template <typename Block>
void fill_with_minima(RandomStream& random, Block& block, float scale, float mean_q) {
  fill_bits(random, block);
  const float d = varied(random, scale);
  block.d = f32_to_f16(d);
  block.dmin = f32_to_f16(mean_q * d);
}

void fill_block(RandomStream& random, BlockQ4_1& block, float scale) {
  fill_with_minimum(random, block, scale, 7.5F);
}
void fill_block(RandomStream& random, BlockQ5_1& block, float scale) {
  fill_with_minimum(random, block, scale, 15.5F);
}
void fill_block(RandomStream& random, BlockQ2_K& block, float scale) {
  fill_with_minima(random, block, scale, 1.5F);
}
void fill_block(RandomStream& random, BlockQ4_K& block, float scale) {
  fill_with_minima(random, block, scale, 7.5F);
}
void fill_block(RandomStream& random, BlockQ5_K& block, float scale) {
  fill_with_minima(random, block, scale, 15.5F);
}

// 8-bit values are in [-127, 127]: a quantiser never writes -128, and kernels count on it.
template <size_t count>
void fill_bytes(RandomStream& random, int8_t (&values)[count]) {
  fill_bits(random, values);
  for (int8_t& value : values) value = std::max<int8_t>(value, -127);
}

void fill_block(RandomStream& random, BlockQ8_0& block, float scale) {
  fill_bytes(random, block.qs);
  block.d = f32_to_f16(varied_sign(random, scale));
}

void fill_block(RandomStream& random, BlockQ8_1& block, float scale) {
  fill_bytes(random, block.qs);
  int sum = 0;
  for (const int8_t value : block.qs) sum += value;
  const float d = varied_sign(random, scale);
  block.d = f32_to_f16(d);
  block.s = f32_to_f16(d * static_cast<float>(sum));
}

void fill_block(RandomStream& random, BlockQ8_K& block, float scale) {
  fill_bytes(random, block.qs);
  for (int group = 0; group < 16; ++group) {
    int sum = 0;
    for (int i = 0; i < 16; ++i) sum += block.qs[group * 16 + i];
    block.bsums[group] = static_cast<int16_t>(sum);
  }
  block.d = varied_sign(random, scale);
}

// A ternary value is 0, 1 or 2 (for -1, 0, 1) in two bits: a 3 becomes a 1.
void fill_block(RandomStream& random, BlockTQ2_0& block, float scale) {
  fill_symmetric(random, block, scale);
  for (uint8_t& four : block.qs) four &= static_cast<uint8_t>(~((four << 1) & 0xAA));
}

void fill_block(RandomStream& random, BlockIQ1_M& block, float scale) {
  fill_bits(random, block);
  const uint16_t d = f32_to_f16(varied_sign(random, scale));
  for (int i = 0; i < 4; ++i) {
    uint8_t& high = block.scales[2 * i + 1];
    high = static_cast<uint8_t>((high & 0x0F) | (((d >> (4 * i)) & 0xF) << 4));
  }
}

void fill_block(RandomStream& random, BlockMXFP4& block, float scale) {
  fill_bits(random, block);
  const int exponent = std::ilogb(scale) + static_cast<int>(random.next() & 1);
  block.e = static_cast<uint8_t>(std::clamp(exponent + 127, 2, 253));
}

template <typename Block>
void fill_block(RandomStream& random, Block& block, float scale) {
  fill_symmetric(random, block, scale);
}

template <typename Block>
void fill_as(RandomStream& random, std::byte* into, float scale) {
  fill_block(random, *reinterpret_cast<Block*>(into), scale);
}

// Unquantised elements come in runs that share a seed: seeding costs more than a number.
constexpr uint64_t kRun = 32;

void store(BlockType type, float value, std::byte* into) {
  if (type == BlockType::kF32) {
    std::memcpy(into, &value, sizeof(value));
    return;
  }
  const uint16_t half = type == BlockType::kF16 ? f32_to_f16(value) : f32_to_bf16(value);
  std::memcpy(into, &half, sizeof(half));
}

bool is_unquantised(BlockType type) {
  return type == BlockType::kF32 || type == BlockType::kF16 || type == BlockType::kBF16;
}

using FillQuantised = void (*)(RandomStream&, std::byte*, float);

FillQuantised find_fill(BlockType type) {
  FillQuantised fill = nullptr;
  visit_block(type, [&]<typename Block>(std::type_identity<Block>) { fill = fill_as<Block>; });
  return fill;
}

/// The standard deviation of the values of blocks made with scale 1, measured rather than derived: each type
/// has its own levels, and a precision of a few percent is plenty.
float deviation_at_scale_one(BlockType type) {
  constexpr uint64_t kBlocks = 256;
  const BlockLayout& layout = block_layout(type);
  std::vector<std::byte> bytes(kBlocks * layout.block_bytes);
  std::vector<float> values(kBlocks * layout.block_size);
  RandomStream random(1);
  for (uint64_t i = 0; i < kBlocks; ++i) {
    find_fill(type)(random, bytes.data() + i * layout.block_bytes, 1.0F);
  }
  dequantize(type, bytes, values);
  double sum_of_squares = 0.0;
  for (const float value : values) sum_of_squares += double{value} * value;
  return static_cast<float>(std::sqrt(sum_of_squares / static_cast<double>(values.size())));
}

}  // namespace

RandomBlocks::RandomBlocks(BlockType type, float deviation, uint64_t seed, float mean)
    : type_(type), mean_(mean), seed_(seed) {
  if (is_unquantised(type)) {
    scale_ = deviation * std::sqrt(3.0F);  // the uniform distribution on [-a, a] has deviation a / sqrt(3)
    unit_bytes_ = kRun * block_layout(type).block_bytes;
  } else {
    scale_ = deviation / deviation_at_scale_one(type);
    unit_bytes_ = block_layout(type).block_bytes;
  }
}

void RandomBlocks::fill_unit(uint64_t unit, std::byte* into) const {
  RandomStream random(RandomStream(seed_ ^ unit * 0xD1342543DE82EF95U).next());
  if (!is_unquantised(type_)) {
    find_fill(type_)(random, into, scale_);
    return;
  }
  const uint64_t size = unit_bytes_ / kRun;
  for (uint64_t i = 0; i < kRun; ++i) store(type_, mean_ + scale_ * signed_unit(random), into + i * size);
}

void RandomBlocks::fill(uint64_t offset, std::span<std::byte> into) const {
  std::vector<std::byte> scratch(unit_bytes_);
  while (!into.empty()) {
    const uint64_t unit = offset / unit_bytes_;
    const uint64_t skipped = offset % unit_bytes_;
    const auto count = static_cast<size_t>(std::min<uint64_t>(unit_bytes_ - skipped, into.size()));
    if (count == unit_bytes_) {
      fill_unit(unit, into.data());
    } else {  // a piece ends inside a unit
      fill_unit(unit, scratch.data());
      std::memcpy(into.data(), scratch.data() + skipped, count);
    }
    into = into.subspan(count);
    offset += count;
  }
}

}  // namespace hearth
