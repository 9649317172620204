#include "engine/model/convert/convert.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "engine/format/quoted.h"
#include "engine/model/convert/convert_rows.h"

namespace hearth {
namespace {

/// The number in "blk.12.attn_v.weight"; -1 for tensors outside the layers.
int32_t layer_of(std::string_view name) {
  constexpr std::string_view kPrefix = "blk.";
  int32_t layer = -1;
  if (name.starts_with(kPrefix))
    std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), layer);
  return layer;
}

void add_metadata(const Gguf& metadata, const TypeMix& mix, GgufWriter& writer) {
  for (const GgufEntry& entry : metadata.entries()) {
    // Parts become one file, of another type.
    if (entry.key.starts_with("split.") || entry.key == "general.file_type") continue;
    writer.add(entry.key, entry.value);
  }
  writer.add_uint32("general.file_type", static_cast<uint32_t>(mix.file_type));
}

// Some files have a list, of heads in each layer: the first counts, as it does in llama.cpp.
int32_t count_of(const Gguf& metadata, const std::string& key) {
  if (const auto single = metadata.integer(key); single.ok())
    return static_cast<int32_t>(single->value_or(0));
  const auto list = metadata.array(key);
  if (!list.ok() || !*list || (*list)->type == GgufType::kString || (*list)->count == 0) return 0;
  return (*list)->numbers<int32_t>().front();
}

// Chooses the type of each tensor in turn.
class TypeChoice {
 public:
  TypeChoice(const ModelFile& file, const Conversion& conversion)
      : conversion_(conversion), tied_(file.find_tensor("output.weight").tensor == nullptr) {
    for (const auto& part : file.parts()) {
      for (const GgufTensor& tensor : part->tensors()) {
        layers_ = std::max(layers_, layer_of(tensor.name) + 1);
        by_role_[role(tensor)].insert({layer_of(tensor.name), tensor.name});
      }
    }
    read_traits(file.metadata());
  }

  TensorRole role(const GgufTensor& tensor) const { return role_of(tensor.name, tensor.shape.size(), tied_); }

  // Also of tensors that stay as they are.
  BlockType wanted(const GgufTensor& tensor) {
    const TypeMix& mix = conversion_.mix;
    if (mix.base == BlockType::kF32) return BlockType::kF32;
    if (role(tensor) == TensorRole::kVector) return tensor.type;
    if (conversion_.keep_output && tensor.name == "output.weight") return tensor.type;
    const bool is_embedding = tensor.name.ends_with("token_embd.weight");
    if (is_embedding && conversion_.embedding_type) return *conversion_.embedding_type;
    if (role(tensor) == TensorRole::kOutput && conversion_.output_type) return *conversion_.output_type;
    for (size_t i = 0; i < conversion_.overrides.size(); ++i) {
      const auto& [pattern, type] = conversion_.overrides[i];
      if (!pattern.matches(tensor.name)) continue;
      used_.insert(i);
      return type;
    }
    if (conversion_.pure) return mix.base;
    return in_mix(tensor);
  }

  Result<void> check_overrides() const {
    for (size_t i = 0; i < conversion_.overrides.size(); ++i) {
      if (used_.count(i) != 0) continue;
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("'{}' finds no weight that an earlier choice has not taken",
                               conversion_.overrides[i].first.text())};
    }
    return {};
  }

 private:
  void read_traits(const Gguf& metadata) {
    const auto architecture = metadata.string("general.architecture");
    if (!architecture.ok() || !*architecture) return;
    const std::string prefix(**architecture);
    layers_ = std::max(layers_, count_of(metadata, prefix + ".block_count"));
    const int32_t heads = count_of(metadata, prefix + ".attention.head_count");
    const int32_t shared = count_of(metadata, prefix + ".attention.head_count_kv");
    if (shared > 0) traits_.heads_per_key_value = heads / shared;
    traits_.n_expert = count_of(metadata, prefix + ".expert_count");
    traits_.is_falcon = prefix == "falcon";
    traits_.is_llama_70b = prefix == "llama" && layers_ == 80 && traits_.heads_per_key_value > 1;
    traits_.has_importance = conversion_.importance != nullptr;
  }

  BlockType in_mix(const GgufTensor& tensor) const {
    const TensorRole its_role = role(tensor);
    const bool many = tensor.shape.size() > 2 && tensor.shape[2] > 1;
    const BlockType type = type_in_mix(conversion_.mix, its_role, order_of(tensor), traits_, many);
    // As llama.cpp does for an output that the base type does not fit.
    const bool base_fits = tensor.columns() % block_layout(conversion_.mix.base).block_size == 0;
    return its_role == TensorRole::kOutput && !base_fits ? BlockType::kQ8_0 : type;
  }

  // As llama.cpp counts. A layer may have none of a role, and with experts several: what is of those goes by
  // its layer, but where there are 1 or 2 bits.
  TensorOrder order_of(const GgufTensor& tensor) const {
    const int32_t layer = layer_of(tensor.name);
    const auto& alike = by_role_.at(role(tensor));
    const auto place = static_cast<int32_t>(std::distance(alike.begin(), alike.find({layer, tensor.name})));
    if (role(tensor) == TensorRole::kAttentionValue) return {place, static_cast<int32_t>(alike.size())};
    const bool by_layer = traits_.n_expert > 1 && !is_1_or_2_bits(conversion_.mix.file_type);
    return {by_layer ? layer : place, layers_};
  }

  const Conversion& conversion_;
  bool tied_;
  int32_t layers_ = 0;
  std::map<TensorRole, std::set<std::pair<int32_t, std::string_view>>> by_role_;  // by layer, then by name
  ModelTraits traits_;
  std::set<size_t> used_;  // of the overrides
};

Error no_weight_fits(const ModelFile& file, const TypeMix& mix, const std::set<uint64_t>& row_lengths) {
  return {
      ErrorCode::kInvalidArgument,
      fmt::format("{}: no weight can be {}: its blocks have {} elements, and the rows have {}; choose a type "
                  "with smaller blocks, such as Q8_0 or Q4_0 (32) or F16 (1)",
                  file.metadata().source().name(), block_layout(mix.base).name,
                  block_layout(mix.base).block_size, fmt::join(row_lengths, ", "))};
}

// The importance of a weight's columns; an error where it is that of another shape.
Result<std::span<const float>> importance_of(const GgufTensor& tensor, const ImportanceMatrix* importance) {
  if (importance == nullptr) return std::span<const float>();
  const auto columns = importance->columns_of(tensor.name);
  const uint64_t matrices = tensor.shape.size() > 2 ? tensor.shape[2] : 1;
  if (columns.empty() || columns.size() == tensor.columns() * matrices) return columns;
  return Error{
      ErrorCode::kInvalidArgument,
      fmt::format("the importance matrix is of another model: {} has {} columns in {} matrices, and it "
                  "tells of {}",
                  quoted(tensor.name), tensor.columns(), matrices, columns.size())};
}

}  // namespace

Result<Converted> add_converted_model(const ModelFile& file, const Conversion& conversion,
                                      GgufWriter& writer) {
  add_metadata(file.metadata(), conversion.mix, writer);
  TypeChoice choice(file, conversion);
  const auto threads =
      std::make_shared<ThreadPool>(conversion.threads > 0 ? conversion.threads : default_thread_count());
  Converted converted;
  std::set<uint64_t> row_lengths;  // of weights
  bool fits_one = false;
  for (const auto& part : file.parts()) {
    for (const GgufTensor& tensor : part->tensors()) {
      const BlockType wanted = choice.wanted(tensor);
      const BlockType type = fitting_type(wanted, tensor.columns());
      if (type != wanted) {
        converted.fallbacks.push_back({std::string(tensor.name), tensor.columns(), wanted, type});
      }
      const bool is_weight = choice.role(tensor) != TensorRole::kVector;
      if (is_weight) {
        row_lengths.insert(tensor.columns());
        fits_one = fits_one || tensor.columns() % block_layout(conversion.mix.base).block_size == 0;
      }
      HEARTH_ASSIGN(const auto importance, importance_of(tensor, conversion.importance));
      const TensorRole role = choice.role(tensor);
      const bool is_read_by_rows = role == TensorRole::kEmbedding || role == TensorRole::kOutput;
      if (conversion.importance != nullptr && is_weight && !is_read_by_rows && importance.empty() &&
          block_layout(type).block_size > 1) {
        converted.without_importance.emplace_back(tensor.name);
      }
      writer.add_tensor(tensor.name, type, tensor.shape,
                        converted_rows({&tensor, part.get()}, type, importance, threads));
      ++converted.types[type];
    }
  }
  if (!row_lengths.empty() && !fits_one) return no_weight_fits(file, conversion.mix, row_lengths);
  HEARTH_TRY(choice.check_overrides());
  return converted;
}

}  // namespace hearth
