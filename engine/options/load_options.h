// How a model is loaded, and what it may take of the machine.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/format/block_type.h"
#include "engine/options/option.h"

namespace hearth {

struct LoadOptions {
  int32_t context_size = 0;
  int32_t cache_positions = 0;  // at least context_size
  int32_t max_sequences = 32;
  int32_t max_batch_rows = 0;
  int32_t threads = 0;
  BlockType kv_type = BlockType::kF16;
  std::string device = {};
  uint64_t gpu_memory = 0;
  int32_t gpu_layers = -1;
  bool gpu_streaming = false;
  std::string instruction_set = {};
  uint64_t memory_limit = 0;
  std::string draft = {};
};

inline constexpr std::string_view kKvTypes[] = {"f16", "f32", "q8_0", "q4_0"};  // the default first

inline constexpr OptionOf<LoadOptions> kLoadOptions[] = {
    {Option::integer(
         "contextSize", {1, 1 << 24}, "Positions of one conversation",
         {0, "what the model was trained for, within 512 and 4096, or 2^20 where it takes no memory"}),
     &LoadOptions::context_size},
    {Option::integer("cachePositions", {1, kMost32},
                     "Positions of all conversations together, which share them as they need",
                     {0, "as the context size, or for all that run where they take no memory"}),
     &LoadOptions::cache_positions},
    {Option::integer("maxSequences", {1, 65536}, "Requests that run at once; more wait"),
     &LoadOptions::max_sequences},
    {Option::integer("maxBatchRows", {1, 65536}, "Tokens computed together", {0, "chosen for the model"}),
     &LoadOptions::max_batch_rows},
    {Option::integer("threads", {1, 1024}, "Threads that compute", {0, "one per physical core"}),
     &LoadOptions::threads},
    {{.name = "kvType",
      .type = OptionType::kName,
      .help = "Type in which keys and values are kept",
      .names = kKvTypes},
     &LoadOptions::kv_type},
    {{.name = "device",
      .type = OptionType::kText,
      .help =
          "What computes: cpu, gpu, or auto, which is the one that is found to be faster; by default cpu"},
     &LoadOptions::device},
    {Option::integer("gpuMemory", {1, kMostExact}, "Bytes of a GPU's memory that may be used",
                     {0, "what there is"}),
     &LoadOptions::gpu_memory},
    {Option::integer("gpuLayers", {1, 1 << 24},
                     "Layers that a GPU computes, the last ones; the CPU computes those before them",
                     {-1, "as many as fit its memory"}),
     &LoadOptions::gpu_layers},
    {{.name = "gpuStreaming",
      .type = OptionType::kFlag,
      .help =
          "Layers of the GPU's that do not fit its memory are copied to it in every step; without it, the "
          "CPU computes them"},
     &LoadOptions::gpu_streaming},
    {{.name = "instructionSet",
      .type = OptionType::kText,
      .help = "Of the CPU: portable, avx2, avx512_vnni, neon_dot or neon_i8mm; by default the best there is"},
     &LoadOptions::instruction_set},
    {Option::integer("memoryLimit", {1, kMostExact}, "Bytes of weights in memory at most", {0, "no limit"}),
     &LoadOptions::memory_limit},
    {{.name = "draft",
      .type = OptionType::kText,
      .help = "GGUF file of a smaller model of the same vocabulary, which drafts answers; by default none"},
     &LoadOptions::draft},
};

template <>
inline std::span<const OptionOf<LoadOptions>> option_table() {
  return kLoadOptions;
}

}  // namespace hearth
