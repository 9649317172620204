#include "engine/compute/gpu/weight_kernels.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "engine/format/iq_grids.h"

namespace hearth::gpu {
namespace {

template <size_t kPoints>
void append(std::vector<uint32_t>& words, const std::array<uint32_t, kPoints>& grid) {
  words.insert(words.end(), grid.begin(), grid.end());
}

template <size_t kPoints>
void append(std::vector<uint32_t>& words, const std::array<uint64_t, kPoints>& grid) {
  for (const uint64_t point : grid) {
    words.push_back(static_cast<uint32_t>(point));
    words.push_back(static_cast<uint32_t>(point >> 32));
  }
}

}  // namespace

std::string type_option(BlockType type) {
  std::string name(block_layout(type).name);
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

uint64_t weight_alignment(BlockType type) {
  const uint32_t bytes = block_layout(type).block_bytes;
  return bytes % 4 == 0 ? 4 : bytes % 2 == 0 ? 2 : 1;
}

bool is_multiplied(BlockType type) {
  switch (type) {
    case BlockType::kQ8_1:
    case BlockType::kQ8_K:
    case BlockType::kI8:
    case BlockType::kI16:
    case BlockType::kI32:
    case BlockType::kI64:
    case BlockType::kF64:
      return false;
    default:
      return true;
  }
}

bool multiplies_codes(const DeviceProperties& device, BlockType type) {
  return device.packed_dot && block_layout(type).block_size > 1;
}

std::string product_options(const DeviceProperties& device, BlockType type) {
  std::string options;
  options.reserve(64);  // for a kernel's name, too: these are made for every dispatch
  options += "type=";
  options += type_option(type);
  options += multiplies_codes(device, type) ? ",packed_dot=yes" : ",packed_dot=no";
  return options;
}

bool needs_codebook(BlockType type) {
  switch (type) {
    case BlockType::kIQ1_S:
    case BlockType::kIQ1_M:
    case BlockType::kIQ2_XXS:
    case BlockType::kIQ2_XS:
    case BlockType::kIQ2_S:
    case BlockType::kIQ3_XXS:
    case BlockType::kIQ3_S:
      return true;
    default:
      return false;
  }
}

std::vector<uint32_t> make_codebook() {
  std::vector<uint32_t> words;
  append(words, kIq2XxsGrid);
  append(words, kIq2XsGrid);
  append(words, kIq2SGrid);
  append(words, kIq3XxsGrid);
  append(words, kIq3SGrid);
  append(words, kIq1Grid);
  return words;
}

}  // namespace hearth::gpu
