// A tiny llama-shaped GGUF in memory, for tests that damage one part of it. Test code only.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/format/gguf_writer.h"
#include "engine/format/model_file.h"
#include "engine/model/families/family.h"

namespace hearth::testing {

/// Two layers of width 32, two heads over one kv head, 40 tokens. Change what should be wrong, then open it.
struct TinyModel {
  std::string architecture = "llama";
  std::map<std::string, uint32_t> integers{{"block_count", 2},          {"context_length", 64},
                                           {"embedding_length", 32},    {"feed_forward_length", 64},
                                           {"attention.head_count", 2}, {"attention.head_count_kv", 1}};
  std::map<std::string, float> numbers{{"attention.layer_norm_rms_epsilon", 1e-5F}};
  std::map<std::string, bool> flags;
  std::map<std::string, std::string> strings;
  std::map<std::string, std::vector<int32_t>> arrays;  // in place of an integer of the same name
  std::map<std::string, std::vector<uint64_t>> tensors;

  TinyModel() {
    tensors["token_embd.weight"] = {32, 40};
    tensors["output_norm.weight"] = {32};
    for (const std::string layer : {"blk.0.", "blk.1."}) {
      tensors[layer + "attn_norm.weight"] = {32};
      tensors[layer + "attn_q.weight"] = {32, 32};
      tensors[layer + "attn_k.weight"] = {32, 16};
      tensors[layer + "attn_v.weight"] = {32, 16};
      tensors[layer + "attn_output.weight"] = {32, 32};
      tensors[layer + "ffn_norm.weight"] = {32};
      tensors[layer + "ffn_gate.weight"] = {32, 64};
      tensors[layer + "ffn_up.weight"] = {32, 64};
      tensors[layer + "ffn_down.weight"] = {64, 32};
    }
  }

  Result<std::vector<std::byte>> bytes() const {
    GgufWriter writer;
    writer.add_string("general.architecture", architecture);
    for (const auto& [key, value] : integers) {
      if (!arrays.contains(key)) writer.add_uint32(architecture + "." + key, value);
    }
    for (const auto& [key, values] : arrays) writer.add_int32s(architecture + "." + key, values);
    for (const auto& [key, value] : numbers) writer.add_float32(architecture + "." + key, value);
    for (const auto& [key, value] : flags) writer.add_bool(architecture + "." + key, value);
    for (const auto& [key, value] : strings) writer.add_string(architecture + "." + key, value);
    for (const auto& [name, shape] : tensors)
      writer.add_tensor(name, BlockType::kF32, shape, fill_with_small_numbers);
    return writer.write_to_memory();
  }

  Result<ModelFile> open() const {
    HEARTH_ASSIGN(auto all, bytes());
    return ModelFile::open({own_memory(std::move(all), "tiny.gguf")});
  }

 private:
  /// 0.001, 0.002, ... by place in the tensor: distinct, finite and small.
  static Result<void> fill_with_small_numbers(uint64_t offset, std::span<std::byte> into) {
    for (size_t i = 0; i + sizeof(float) <= into.size(); i += sizeof(float)) {
      const float value = 0.001F * static_cast<float>((offset + i) / sizeof(float) % 97 + 1);
      std::memcpy(into.data() + i, &value, sizeof value);
    }
    return {};
  }
};

inline Result<ModelSpec> spec_of(const TinyModel& model) {
  HEARTH_ASSIGN(const ModelFile file, model.open());
  return read_model_spec(file.metadata());
}

/// Why the model is refused; "" where it is not.
inline std::string fault_of(const TinyModel& model) {
  const auto spec = spec_of(model);
  return spec.ok() ? "" : spec.error().message;
}

}  // namespace hearth::testing
