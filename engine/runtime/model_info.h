// What people and programs want to know about a model, gathered from its file.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engine/format/model_file.h"
#include "engine/model/spec.h"
#include "engine/text/template_capabilities.h"
#include "engine/text/tokenizer.h"

namespace hearth {

struct ModelInfo {
  std::string name;  // general.name, or the file's own
  std::string architecture;
  std::string quantization;  // as the file calls itself ("Q4_K_M"), or the type of most of its bytes
  std::string license;       // empty where the file does not say, as is
  std::string creator;       // general.author, or general.organization
  std::string file_name;     // of the (first) file, without its folder
  uint32_t gguf_version = 0;
  uint64_t parameter_count = 0;
  uint64_t file_size = 0;     // bytes, all parts
  uint64_t left_in_file = 0;  // bytes of them that are never in memory as a whole (bytes_left_in_file)
  int32_t layer_count = 0;
  int64_t embedding_length = 0;
  int32_t head_count = 0;
  int32_t kv_head_count = 0;
  int32_t context_length = 0;  // positions trained for
  int32_t vocab_size = 0;
  float rope_frequency_base = 0.0F;
  float rope_frequency_scale = 0.0F;  // 1: positions as they are
  std::string_view pooling;           // of embeddings, where nothing else is asked for: "mean", "cls", ...
  /// What it can be asked for, "generate", "embed" and "rerank"; what it was made for comes first.
  std::vector<std::string_view> tasks;
  std::string tokenizer;  // "spm", "bpe", ...
  SpecialTokens tokens;
  bool has_chat_template = false;
  TemplateCapabilities template_capabilities;  // of the template in use, the file's own or not
  std::string device;                          // what computes: "cpu (AVX2, 4 threads)"
  std::string device_reason;  // why it is not the GPU that was asked for, or not for all layers; empty: it is
};

/// All but what only the loaded model knows: `tasks`, `tokenizer`, `tokens`, `template_capabilities`,
/// `device` and `device_reason`.
ModelInfo read_model_info(const ModelFile& file, const ModelSpec& spec);

/// ModelInfo::tasks of a model with or without a classifier.
std::vector<std::string_view> tasks_of(const ModelSpec& spec, bool has_classifier);

/// The same under the names that every face of Hearth uses: {"name", "architecture", "layerCount", ...}.
nlohmann::ordered_json to_json(const ModelInfo& info);

/// What the file calls its quantization (general.file_type), or else the type that holds most of its bytes;
/// "" for a file without tensors.
std::string quantization_name(const ModelFile& file);

}  // namespace hearth
