// What weights are called in SafeTensors and in GGUF.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace hearth {

/// Theirs and GGUF's, without ".weight" or ".bias". GGUF's is "" for what has no use there.
using NamePair = std::pair<std::string_view, std::string_view>;

/// Those of a family.
struct WeightNames {
  std::string_view layers;             // what the names of a layer's weights begin with, before its number
  std::span<const NamePair> outside;   // of layers
  std::span<const NamePair> layer;     // "*" is the number of an expert
  std::span<const NamePair> own = {};  // of a layer, where the family differs from those that share `layer`
  std::string_view prefix = {};        // which some files have before all names
};

extern const WeightNames kDecoderNames;  // Llama's and its relatives'
extern const WeightNames kGemma2Names;   // and Gemma 3's
extern const WeightNames kPhi2Names;
extern const WeightNames kBertNames;
extern const WeightNames kRobertaNames;
extern const WeightNames kNomicBertNames;

struct WeightName {
  std::string name;                // "" for what has no use
  std::optional<uint32_t> expert;  // of which it is a part
};

/// GGUF's name for one of theirs; nullopt for one that the family does not have.
std::optional<WeightName> gguf_name(std::string_view theirs, const WeightNames& names);

}  // namespace hearth
