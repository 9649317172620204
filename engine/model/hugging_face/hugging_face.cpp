#include "engine/model/hugging_face/hugging_face.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <numbers>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/model/hugging_face/json_file.h"
#include "engine/model/hugging_face/tokenizer.h"
#include "engine/model/hugging_face/weights.h"

namespace hearth {
namespace {

namespace fs = std::filesystem;

struct FolderFamily {
  std::string_view model_class;  // the first of config.json's architectures
  std::string_view architecture;
  bool paired_rows;      // GGUF has rows of queries and keys in pairs
  bool norms_less_one;   // as stored here
  bool tied_by_default;  // where config.json does not say
};

constexpr std::array kFamilies = {
    FolderFamily{"LlamaForCausalLM", "llama", true, false, false},
    FolderFamily{"MistralForCausalLM", "llama", true, false, false},
    FolderFamily{"Qwen2ForCausalLM", "qwen2", false, false, false},
    FolderFamily{"Qwen3ForCausalLM", "qwen3", false, false, false},
    FolderFamily{"GemmaForCausalLM", "gemma", false, true, true},
};

Result<FolderFamily> find_family(const JsonFile& config) {
  const nlohmann::json* classes = config.find("architectures");
  const bool is_named =
      classes != nullptr && classes->is_array() && !classes->empty() && classes->front().is_string();
  const std::string name = is_named ? classes->front().get<std::string>() : "";
  for (const FolderFamily& family : kFamilies) {
    if (family.model_class == name) return family;
  }
  return Error{
      ErrorCode::kUnsupportedModel,
      fmt::format("{}: key 'architectures' names '{}'; converted are LlamaForCausalLM, MistralForCausalLM, "
                  "Qwen2ForCausalLM, Qwen3ForCausalLM and GemmaForCausalLM",
                  config.name(), name)};
}

struct Shape {
  uint32_t vocab_size;
  uint32_t heads;
  uint32_t key_heads;
  uint32_t head_dimension;
  float theta;
};

Result<Shape> read_shape(const JsonFile& config) {
  Shape shape{};
  HEARTH_ASSIGN(shape.vocab_size, config.integer("vocab_size"));
  HEARTH_ASSIGN(shape.heads, config.integer("num_attention_heads"));
  HEARTH_ASSIGN(shape.key_heads, config.integer("num_key_value_heads", shape.heads));
  HEARTH_ASSIGN(const uint32_t width, config.integer("hidden_size"));
  if (shape.heads == 0 || shape.key_heads == 0) return config.fault("key 'num_attention_heads' is 0");
  HEARTH_ASSIGN(shape.head_dimension, config.integer("head_dim", width / shape.heads));
  HEARTH_ASSIGN(shape.theta, config.number("rope_theta", 10000.0F));
  return shape;
}

// Llama 3 slows the turns of long waves, and leaves those of short ones.
Result<std::vector<float>> llama3_factors(const JsonFile& config, const JsonFile& scaling,
                                          const Shape& shape) {
  HEARTH_ASSIGN(const float factor, scaling.number("factor"));
  HEARTH_ASSIGN(const float low, scaling.number("low_freq_factor", 1.0F));
  HEARTH_ASSIGN(const float high, scaling.number("high_freq_factor", 4.0F));
  HEARTH_ASSIGN(const float original, scaling.number("original_max_position_embeddings", 8192.0F));
  if (!(factor > 0.0F) || !(low > 0.0F) || !(high > low) || !(original > 0.0F)) {
    return config.fault("key 'rope_scaling' has factors that cannot be");
  }
  std::vector<float> factors;
  for (uint32_t i = 0; i < shape.head_dimension / 2; ++i) {
    const double turn = std::pow(double{shape.theta}, -2.0 * i / shape.head_dimension);
    const double wave = 2.0 * std::numbers::pi / turn;
    const double smooth = (original / wave - low) / (high - low);
    if (wave < original / high) {
      factors.push_back(1.0F);
    } else if (wave > original / low) {
      factors.push_back(factor);
    } else {
      factors.push_back(static_cast<float>(1.0 / ((1.0 - smooth) / factor + smooth)));
    }
  }
  return factors;
}

class FolderWriter {
 public:
  FolderWriter(const JsonFile& config, const FolderFamily& family, const Shape& shape, GgufWriter& writer)
      : config_(config), family_(family), shape_(shape), writer_(writer) {}

  Result<void> add_metadata(const std::string& name) {
    writer_.add_string("general.architecture", family_.architecture);
    writer_.add_string("general.type", "model");
    writer_.add_string("general.name", name);
    HEARTH_TRY(copy("context_length", "max_position_embeddings"));
    HEARTH_TRY(copy("embedding_length", "hidden_size"));
    HEARTH_TRY(copy("block_count", "num_hidden_layers"));
    HEARTH_TRY(copy("feed_forward_length", "intermediate_size"));
    writer_.add_uint32(key("vocab_size"), shape_.vocab_size);
    writer_.add_uint32(key("attention.head_count"), shape_.heads);
    writer_.add_uint32(key("attention.head_count_kv"), shape_.key_heads);
    writer_.add_uint32(key("attention.key_length"), shape_.head_dimension);
    writer_.add_uint32(key("attention.value_length"), shape_.head_dimension);
    HEARTH_ASSIGN(const float epsilon, config_.number("rms_norm_eps", 1e-6F));
    writer_.add_float32(key("attention.layer_norm_rms_epsilon"), epsilon);
    writer_.add_uint32(key("rope.dimension_count"), shape_.head_dimension);
    writer_.add_float32(key("rope.freq_base"), shape_.theta);
    return add_rope_scaling();
  }

  Result<WeightRules> weight_rules() const {
    WeightRules rules;
    if (family_.paired_rows) {
      rules.paired_query_heads = shape_.heads;
      rules.paired_key_heads = shape_.key_heads;
    }
    rules.norms_less_one = family_.norms_less_one;
    const nlohmann::json* tied = config_.find("tie_word_embeddings");
    if (tied != nullptr && !tied->is_boolean())
      return config_.fault("key 'tie_word_embeddings' is neither true nor false");
    rules.tied = tied != nullptr ? tied->get<bool>() : family_.tied_by_default;
    return rules;
  }

 private:
  std::string key(std::string_view name) const { return fmt::format("{}.{}", family_.architecture, name); }

  Result<void> copy(std::string_view ours, const std::string& theirs) {
    HEARTH_ASSIGN(const uint32_t value, config_.integer(theirs));
    writer_.add_uint32(key(ours), value);
    return {};
  }

  Result<void> add_rope_scaling() {
    const nlohmann::json* value = config_.find("rope_scaling");
    if (value == nullptr) return {};
    const JsonFile scaling = JsonFile::member(config_, "rope_scaling");
    HEARTH_ASSIGN(std::string type, scaling.string("rope_type"));
    if (type.empty()) {
      HEARTH_ASSIGN(type, scaling.string("type"));
    }
    if (type == "default") return {};
    if (type == "llama3") {
      HEARTH_ASSIGN(const auto factors, llama3_factors(config_, scaling, shape_));
      const auto bytes = std::as_bytes(std::span(factors));
      writer_.add_tensor("rope_freqs.weight", BlockType::kF32, {factors.size()},
                         [copy = std::vector(bytes.begin(), bytes.end())](
                             uint64_t offset, std::span<std::byte> into) -> Result<void> {
                           std::copy_n(copy.begin() + static_cast<ptrdiff_t>(offset), into.size(),
                                       into.begin());
                           return {};
                         });
      return {};
    }
    if (type != "linear" && type != "yarn") {
      return Error{
          ErrorCode::kUnsupportedModel,
          fmt::format("{}: key 'rope_scaling' is of the type '{}'; there are linear, yarn and llama3",
                      config_.name(), type)};
    }
    HEARTH_ASSIGN(const float factor, scaling.number("factor"));
    writer_.add_string(key("rope.scaling.type"), type);
    writer_.add_float32(key("rope.scaling.factor"), factor);
    if (type == "linear") return {};
    HEARTH_ASSIGN(const uint32_t original, scaling.integer("original_max_position_embeddings"));
    writer_.add_uint32(key("rope.scaling.original_context_length"), original);
    return {};
  }

  const JsonFile& config_;
  const FolderFamily& family_;
  const Shape& shape_;
  GgufWriter& writer_;
};

}  // namespace

Result<ModelFile> open_hugging_face(const fs::path& folder) {
  HEARTH_ASSIGN(const JsonFile config, JsonFile::read(folder / "config.json"));
  HEARTH_ASSIGN(const FolderFamily family, find_family(config));
  HEARTH_ASSIGN(const Shape shape, read_shape(config));
  HEARTH_ASSIGN(const auto files, open_weights(folder));
  GgufWriter writer;
  FolderWriter folder_writer(config, family, shape, writer);
  const fs::path clean = (folder / "").lexically_normal().parent_path();
  HEARTH_TRY(folder_writer.add_metadata(clean.filename().string()));
  HEARTH_TRY(add_tokenizer(folder, config, shape.vocab_size, writer));
  HEARTH_ASSIGN(const WeightRules rules, folder_writer.weight_rules());
  HEARTH_TRY(add_weights(files, rules, writer));
  HEARTH_ASSIGN(auto source, writer.as_source(folder.string()));
  return ModelFile::open(std::vector{std::move(source)});
}

}  // namespace hearth
