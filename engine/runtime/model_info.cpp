#include "engine/runtime/model_info.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <utility>

#include "engine/model/weights.h"
#include "engine/options/embedding_options.h"

namespace hearth {
namespace {

// general.file_type, as llama.cpp numbers its mixes (enum llama_ftype in include/llama.h).
constexpr std::array kFileTypes{
    std::pair{0, "F32"},      std::pair{1, "F16"},     std::pair{2, "Q4_0"},    std::pair{3, "Q4_1"},
    std::pair{7, "Q8_0"},     std::pair{8, "Q5_0"},    std::pair{9, "Q5_1"},    std::pair{10, "Q2_K"},
    std::pair{11, "Q3_K_S"},  std::pair{12, "Q3_K_M"}, std::pair{13, "Q3_K_L"}, std::pair{14, "Q4_K_S"},
    std::pair{15, "Q4_K_M"},  std::pair{16, "Q5_K_S"}, std::pair{17, "Q5_K_M"}, std::pair{18, "Q6_K"},
    std::pair{19, "IQ2_XXS"}, std::pair{20, "IQ2_XS"}, std::pair{21, "Q2_K_S"}, std::pair{22, "IQ3_XS"},
    std::pair{23, "IQ3_XXS"}, std::pair{24, "IQ1_S"},  std::pair{25, "IQ4_NL"}, std::pair{26, "IQ3_S"},
    std::pair{27, "IQ3_M"},   std::pair{28, "IQ2_S"},  std::pair{29, "IQ2_M"},  std::pair{30, "IQ4_XS"},
    std::pair{31, "IQ1_M"},   std::pair{32, "BF16"},   std::pair{36, "TQ1_0"},  std::pair{37, "TQ2_0"},
    std::pair{38, "MXFP4"},
};

uint64_t element_count(const GgufTensor& tensor) { return tensor.columns() * tensor.rows(); }

std::string dominant_type(const ModelFile& file) {
  std::map<BlockType, uint64_t> bytes;
  for (const auto& part : file.parts()) {
    for (const GgufTensor& tensor : part->tensors()) bytes[tensor.type] += tensor.bytes;
  }
  const auto most = std::max_element(bytes.begin(), bytes.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == bytes.end() ? "" : std::string(block_layout(most->first).name);
}

/// A string of the metadata; "" where it is absent or something else, since nothing hangs on it.
std::string text_of(const Gguf& metadata, std::string_view key) {
  const auto value = metadata.string(key);
  return value.ok() && *value ? std::string(**value) : "";
}

/// Heads are those of the layer that has most; rope is the one of the widest view: of a layer that does not
/// slide, if there is one.
void describe_attention(const ModelSpec& spec, ModelInfo& info) {
  const RopeSpec* widest = nullptr;
  bool slides = false;  // the layer that `widest` is of
  for (const LayerSpec& layer : spec.layers) {
    const auto note = [&](int32_t n_head, int32_t n_head_kv, int32_t window) {
      info.head_count = std::max(info.head_count, n_head);
      info.kv_head_count = std::max(info.kv_head_count, n_head_kv);
      if (widest != nullptr && (!slides || window > 0)) return;
      widest = rope_of(layer.mixer);
      slides = window > 0;
    };
    if (const AttentionSpec* attention = find_attention(layer)) {
      note(attention->n_head, attention->n_head_kv, attention->window);
    } else if (const auto* latent = std::get_if<LatentAttentionSpec>(&layer.mixer)) {
      note(latent->n_head, latent->absorbed ? 1 : latent->n_head, 0);
    }
  }
  if (widest == nullptr) return;
  info.rope_frequency_base = widest->theta_base;
  info.rope_frequency_scale = widest->frequency_scale;
}

/// Those that the vocabulary has, by name.
nlohmann::ordered_json to_json(const SpecialTokens& tokens) {
  const InfillTokens& infill = tokens.infill;
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const auto& [name, token] : {std::pair{"bos", tokens.bos},
                                    {"eos", tokens.eos},
                                    {"eot", tokens.eot},
                                    {"fimPrefix", infill.prefix},
                                    {"fimSuffix", infill.suffix},
                                    {"fimMiddle", infill.middle},
                                    {"fimPad", infill.pad},
                                    {"fimRepository", infill.repository},
                                    {"fimFileSeparator", infill.file_separator}}) {
    if (token != kNoToken) json[name] = token;
  }
  return json;
}

}  // namespace

std::vector<std::string_view> tasks_of(const ModelSpec& spec, bool has_classifier) {
  std::vector<std::string_view> tasks;
  if (has_classifier) tasks.emplace_back("rerank");
  if (has_classifier || spec.pooling || spec.is_encoder()) tasks.emplace_back("embed");
  if (!spec.is_encoder()) tasks.emplace_back("generate");
  if (tasks.front() == "generate") tasks.emplace_back("embed");
  return tasks;
}

std::string quantization_name(const ModelFile& file) {
  const auto number = file.metadata().integer("general.file_type");
  if (number.ok() && *number) {
    for (const auto& [type, name] : kFileTypes) {
      if (static_cast<uint64_t>(type) == **number) return name;
    }
  }
  return dominant_type(file);
}

ModelInfo read_model_info(const ModelFile& file, const ModelSpec& spec) {
  const Gguf& metadata = file.metadata();
  ModelInfo info;
  info.name = text_of(metadata, "general.name");
  if (info.name.empty()) info.name = std::filesystem::path(metadata.source().name()).stem().string();
  info.architecture = spec.architecture;
  info.quantization = quantization_name(file);
  info.license = text_of(metadata, "general.license");
  info.creator = text_of(metadata, "general.author");
  if (info.creator.empty()) info.creator = text_of(metadata, "general.organization");
  info.file_name = std::filesystem::path(metadata.source().name()).filename().string();
  info.gguf_version = metadata.version();
  for (const auto& part : file.parts()) {
    for (const GgufTensor& tensor : part->tensors()) info.parameter_count += element_count(tensor);
  }
  info.file_size = file.size();
  info.left_in_file = bytes_left_in_file(file, spec);
  info.layer_count = spec.n_layer();
  info.embedding_length = spec.n_embd();
  describe_attention(spec, info);
  info.context_length = spec.context_length;
  info.vocab_size = spec.n_vocab();
  // The names begin with that of no choice.
  info.pooling = kPoolings[1 + static_cast<size_t>(spec.pooling.value_or(Pooling::kMean))];
  info.has_chat_template = metadata.find("tokenizer.chat_template") != nullptr;
  return info;
}

nlohmann::ordered_json to_json(const ModelInfo& info) {
  return {
      {"name", info.name},
      {"architecture", info.architecture},
      {"quantization", info.quantization},
      {"license", info.license},
      {"creator", info.creator},
      {"fileName", info.file_name},
      {"ggufVersion", info.gguf_version},
      {"parameterCount", info.parameter_count},
      {"fileSize", info.file_size},
      {"leftInFile", info.left_in_file},
      {"layerCount", info.layer_count},
      {"embeddingLength", info.embedding_length},
      {"headCount", info.head_count},
      {"headCountKv", info.kv_head_count},
      {"contextLength", info.context_length},
      {"vocabSize", info.vocab_size},
      {"ropeFrequencyBase", info.rope_frequency_base},
      {"ropeFrequencyScale", info.rope_frequency_scale},
      {"pooling", info.pooling},
      {"tasks", info.tasks},
      {"tokenizer", info.tokenizer},
      {"tokens", to_json(info.tokens)},
      {"hasChatTemplate", info.has_chat_template},
      {"templateCapabilities", to_json(info.template_capabilities)},
      {"device", info.device},
      {"deviceReason", info.device_reason},
  };
}

}  // namespace hearth
