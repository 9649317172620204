// What becomes of texts that are made into vectors.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/options/option.h"

namespace hearth {

struct EmbeddingOptions {
  std::string pooling = "model";
  bool normalize = true;
  int32_t dimensions = 0;
};

inline constexpr std::string_view kPoolings[] = {"model", "mean", "cls", "last",
                                                 "rank"};  // the default first

inline constexpr OptionOf<EmbeddingOptions> kEmbeddingOptions[] = {
    {{.name = "pooling",
      .type = OptionType::kName,
      .help = "What is made of the hidden states of a text's tokens: their mean, the first, the last, or "
              "what the "
              "classifier says of it; model: what the file asks for, or else the mean",
      .names = kPoolings},
     &EmbeddingOptions::pooling},
    {{.name = "normalize", .type = OptionType::kFlag, .help = "Scale vectors to length 1 (not scores)"},
     &EmbeddingOptions::normalize},
    {Option::integer("dimensions", {1, kMost32},
                     "Only the first so many, for models that were trained to be cut (Matryoshka)",
                     {0, "all"}),
     &EmbeddingOptions::dimensions},
};

template <>
inline std::span<const OptionOf<EmbeddingOptions>> option_table() {
  return kEmbeddingOptions;
}

}  // namespace hearth
