#include "engine/model/hugging_face/hugging_face.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/model/hugging_face/folder_family.h"
#include "engine/model/hugging_face/json_file.h"
#include "engine/model/hugging_face/token_table.h"
#include "engine/model/hugging_face/tokenizer.h"
#include "engine/model/hugging_face/weights.h"

namespace hearth {
namespace {

namespace fs = std::filesystem;

constexpr uint32_t kWidestHead = 1 << 16;

// How many positions at the beginning no token has.
Result<uint32_t> unused_positions(const JsonFile& config, const FolderFamily& family) {
  if (!family.pads_positions) return uint32_t{0};
  HEARTH_ASSIGN(const uint32_t padding, config.integer("pad_token_id", 1));
  return padding + 1;
}

Result<FolderShape> read_shape(const JsonFile& config, const FolderFamily& family) {
  FolderShape shape;
  const ConfigNames& names = family.config;
  HEARTH_ASSIGN(shape.vocab_size, config.integer("vocab_size"));
  if (shape.vocab_size > TokenTable::kMostTokens) {
    return config.fault(fmt::format("key 'vocab_size' is above the limit of {}", TokenTable::kMostTokens));
  }
  HEARTH_ASSIGN(shape.heads, config.integer(names.heads));
  HEARTH_ASSIGN(shape.key_heads, config.integer("num_key_value_heads", shape.heads));
  HEARTH_ASSIGN(const uint32_t width, config.integer(names.width));
  if (shape.heads == 0 || shape.key_heads == 0)
    return config.fault(fmt::format("key '{}' is 0", names.heads));
  HEARTH_ASSIGN(shape.head_dimension, config.integer("head_dim", width / shape.heads));
  if (shape.head_dimension > kWidestHead) {
    return config.fault(
        fmt::format("a head has {} dimensions; the limit is {}", shape.head_dimension, kWidestHead));
  }
  HEARTH_ASSIGN(const uint32_t positions, config.integer(names.context));
  HEARTH_ASSIGN(const uint32_t unused, unused_positions(config, family));
  if (positions <= unused) return config.fault(fmt::format("key '{}' leaves no position", names.context));
  shape.context_length = positions - unused;
  return shape;
}

Result<void> add_metadata(const fs::path& folder, const ConfigKeys& keys, const FolderFamily& family,
                          const FolderShape& shape) {
  const ConfigNames& names = family.config;
  GgufWriter& writer = keys.writer();
  const fs::path clean = (folder / "").lexically_normal().parent_path();
  writer.add_string("general.architecture", family.architecture);
  writer.add_string("general.type", "model");
  writer.add_string("general.name", clean.filename().string());
  keys.add("context_length", shape.context_length);
  HEARTH_TRY(keys.copy_integer("embedding_length", names.width));
  HEARTH_TRY(keys.copy_integer("block_count", names.layers));
  HEARTH_TRY(keys.copy_integer("feed_forward_length", names.feed_forward));
  keys.add("vocab_size", shape.vocab_size);
  keys.add("attention.head_count", shape.heads);
  keys.add("attention.head_count_kv", shape.key_heads);
  keys.add("attention.key_length", shape.head_dimension);
  keys.add("attention.value_length", shape.head_dimension);
  if (family.layer_norm) {
    HEARTH_TRY(keys.copy_number("attention.layer_norm_epsilon", names.epsilon, 1e-5F));
  } else {
    HEARTH_TRY(keys.copy_number("attention.layer_norm_rms_epsilon", names.epsilon, 1e-6F));
  }
  if (family.has_rope) HEARTH_TRY(add_rope(keys, shape, family.rope));
  return family.add_own != nullptr ? family.add_own(folder, keys) : Result<void>();
}

Result<WeightRules> weight_rules(const JsonFile& config, const FolderFamily& family,
                                 const FolderShape& shape) {
  WeightRules rules;
  rules.names = &family.weights;
  if (family.paired_rows) {
    rules.paired_query_heads = shape.heads;
    rules.paired_key_heads = shape.key_heads;
  }
  rules.norms_less_one = family.norms_less_one;
  HEARTH_ASSIGN(rules.tied, config.boolean("tie_word_embeddings", family.tied_by_default));
  HEARTH_ASSIGN(const uint32_t of_mixtral, config.integer("num_local_experts", 0));
  HEARTH_ASSIGN(rules.experts, config.integer("num_experts", of_mixtral));
  HEARTH_ASSIGN(rules.unused_positions, unused_positions(config, family));
  return rules;
}

}  // namespace

Result<ModelFile> open_hugging_face(const fs::path& folder) {
  HEARTH_ASSIGN(const JsonFile config, JsonFile::read(folder / "config.json"));
  HEARTH_ASSIGN(const FolderFamily* const family, find_folder_family(config));
  HEARTH_ASSIGN(const FolderShape shape, read_shape(config, *family));
  HEARTH_ASSIGN(const auto files, open_weights(folder));
  GgufWriter writer;
  HEARTH_TRY(add_metadata(folder, ConfigKeys(config, family->architecture, writer), *family, shape));
  HEARTH_TRY(add_tokenizer(folder, config, shape.vocab_size, writer));
  HEARTH_ASSIGN(const WeightRules rules, weight_rules(config, *family, shape));
  HEARTH_TRY(add_weights(files, rules, writer));
  HEARTH_ASSIGN(auto source, writer.as_source(folder.string()));
  return ModelFile::open(std::vector{std::move(source)});
}

}  // namespace hearth
