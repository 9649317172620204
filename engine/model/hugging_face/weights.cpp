#include "engine/model/hugging_face/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <system_error>
#include <utility>

#include "engine/format/dequantize.h"
#include "engine/format/quantize.h"
#include "engine/format/quoted.h"

namespace hearth {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kModelNames = {{
    {"model.embed_tokens.weight", "token_embd.weight"},
    {"model.norm.weight", "output_norm.weight"},
    {"lm_head.weight", "output.weight"},
}};

// Of a layer, without ".weight" or ".bias".
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kLayerNames = {{
    {"input_layernorm", "attn_norm"},
    {"self_attn.q_proj", "attn_q"},
    {"self_attn.k_proj", "attn_k"},
    {"self_attn.v_proj", "attn_v"},
    {"self_attn.o_proj", "attn_output"},
    {"self_attn.q_norm", "attn_q_norm"},
    {"self_attn.k_norm", "attn_k_norm"},
    {"post_attention_layernorm", "ffn_norm"},
    {"mlp.gate_proj", "ffn_gate"},
    {"mlp.up_proj", "ffn_up"},
    {"mlp.down_proj", "ffn_down"},
}};

// One tensor as GGUF has it.
class ArrangedTensor {
 public:
  ArrangedTensor(std::shared_ptr<const SafeTensors> file, const SafeTensor& tensor, uint32_t paired_heads,
                 float added)
      : file_(std::move(file)), tensor_(tensor), paired_heads_(paired_heads), added_(added) {}

  BlockType type() const { return tensor_.shape.size() < 2 ? BlockType::kF32 : tensor_.type; }

  Result<void> fill(uint64_t offset, std::span<std::byte> into) const {
    if (tensor_.shape.size() < 2) return fill_vector(offset, into);
    if (paired_heads_ == 0) return file_->source().read(tensor_.offset + offset, into);
    const uint64_t row_bytes = tensor_.bytes / tensor_.shape.front();
    for (uint64_t at = 0; at < into.size(); at += row_bytes) {
      const uint64_t source = source_row((offset + at) / row_bytes);
      HEARTH_TRY(file_->source().read(tensor_.offset + source * row_bytes, into.subspan(at, row_bytes)));
    }
    return {};
  }

 private:
  // Of a head, dimensions i and i + half turn together; here they follow one another.
  uint64_t source_row(uint64_t row) const {
    const uint64_t head_rows = tensor_.shape.front() / paired_heads_;
    const uint64_t in_head = row % head_rows;
    return row - in_head + in_head % 2 * (head_rows / 2) + in_head / 2;
  }

  Result<void> fill_vector(uint64_t offset, std::span<std::byte> into) const {
    const uint64_t count = into.size() / sizeof(float);
    std::vector<std::byte> stored(bytes_of(tensor_.type, count));
    HEARTH_TRY(file_->source().read(tensor_.offset + bytes_of(tensor_.type, offset / sizeof(float)), stored));
    std::vector<float> values(count);
    dequantize(tensor_.type, stored, values);
    std::vector<float> arranged = values;  // a vector is one row, and always read whole
    for (size_t i = 0; i < count; ++i) arranged[i] = values[paired_heads_ == 0 ? i : source_row(i)] + added_;
    return quantize(BlockType::kF32, arranged, into);
  }

  std::shared_ptr<const SafeTensors> file_;
  SafeTensor tensor_;
  uint32_t paired_heads_;
  float added_;
};

// How many heads of this weight have paired rows.
uint32_t paired_heads(std::string_view name, const WeightRules& rules) {
  if (name.find("attn_q.") != std::string_view::npos) return rules.paired_query_heads;
  if (name.find("attn_k.") != std::string_view::npos) return rules.paired_key_heads;
  return 0;
}

Result<void> check_shape(const SafeTensors& file, std::string_view name, const SafeTensor& tensor,
                         uint32_t heads) {
  const bool has_numbers = !tensor.shape.empty() && tensor.bytes > 0 && tensor.shape.size() <= 2;
  const bool is_float =
      tensor.type == BlockType::kF32 || tensor.type == BlockType::kF16 || tensor.type == BlockType::kBF16;
  const bool divides = heads == 0 || (has_numbers && tensor.shape.front() % (uint64_t{2} * heads) == 0);
  if (has_numbers && is_float && divides) return {};
  return Error{ErrorCode::kInvalidModel,
               fmt::format("{}: tensor {}: is {} of the shape [{}], which no weight of that name is",
                           file.source().name(), quoted(name), block_layout(tensor.type).name,
                           fmt::join(tensor.shape, ", "))};
}

}  // namespace

Result<std::vector<std::shared_ptr<const SafeTensors>>> open_weights(const fs::path& folder) {
  std::set<std::string> names = {"model.safetensors"};
  const fs::path index_path = folder / "model.safetensors.index.json";
  std::error_code ignored;
  if (!fs::exists(folder / "model.safetensors", ignored) && fs::exists(index_path, ignored)) {
    HEARTH_ASSIGN(const JsonFile index, JsonFile::read(index_path));
    const nlohmann::json* map = index.find("weight_map");
    if (map == nullptr || !map->is_object()) return index.fault("key 'weight_map' is no object");
    names.clear();
    for (const auto& [weight, file] : map->items()) {
      const std::string name = file.is_string() ? file.get<std::string>() : "";
      if (name.empty() || fs::path(name).filename() != name) {
        return index.fault(
            fmt::format("the file of {} is no name of one beside it", quoted(std::string_view(weight))));
      }
      names.insert(name);
    }
  }
  std::vector<std::shared_ptr<const SafeTensors>> files;
  for (const std::string& name : names) {
    HEARTH_ASSIGN(auto source, map_file(folder / name));
    HEARTH_ASSIGN(auto file, SafeTensors::parse(std::move(source)));
    files.push_back(std::make_shared<const SafeTensors>(std::move(file)));
  }
  return files;
}

std::string gguf_name(std::string_view name) {
  for (const auto& [theirs, ours] : kModelNames) {
    if (name == theirs) return std::string(ours);
  }
  constexpr std::string_view kLayers = "model.layers.";
  if (!name.starts_with(kLayers)) return "";
  name.remove_prefix(kLayers.size());
  const size_t dot = name.find('.');
  const size_t ending = name.rfind('.');
  const bool is_number = dot != std::string_view::npos && dot > 0 && dot <= 5 &&
                         std::all_of(name.begin(), name.begin() + static_cast<ptrdiff_t>(dot),
                                     [](char digit) { return digit >= '0' && digit <= '9'; });
  if (!is_number || ending <= dot || (name.substr(ending) != ".weight" && name.substr(ending) != ".bias"))
    return "";
  const std::string_view part = name.substr(dot + 1, ending - dot - 1);
  for (const auto& [theirs, ours] : kLayerNames) {
    if (part == theirs) return fmt::format("blk.{}.{}{}", name.substr(0, dot), ours, name.substr(ending));
  }
  return "";
}

Result<void> add_weights(const std::vector<std::shared_ptr<const SafeTensors>>& files,
                         const WeightRules& rules, GgufWriter& writer) {
  for (const auto& file : files) {
    for (const auto& [theirs, tensor] : file->tensors()) {
      // Which older files store, and every program computes.
      if (theirs.ends_with("rotary_emb.inv_freq")) continue;
      const std::string name = gguf_name(theirs);
      if (name.empty()) {
        return Error{ErrorCode::kUnsupportedModel,
                     fmt::format("{}: tensor {}: is none that a supported family has", file->source().name(),
                                 quoted(std::string_view(theirs)))};
      }
      if (rules.tied && name == "output.weight") continue;
      const uint32_t heads = paired_heads(name, rules);
      HEARTH_TRY(check_shape(*file, theirs, tensor, heads));
      const float added = rules.norms_less_one && name.ends_with("norm.weight") ? 1.0F : 0.0F;
      const ArrangedTensor arranged(file, tensor, heads, added);
      writer.add_tensor(
          name, arranged.type(), {tensor.shape.rbegin(), tensor.shape.rend()},
          [arranged](uint64_t offset, std::span<std::byte> into) { return arranged.fill(offset, into); });
    }
  }
  return {};
}

}  // namespace hearth
