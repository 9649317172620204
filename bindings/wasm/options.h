// What JavaScript asks for, from JSON to the structs of the C interface. Members that are missing, null or of
// another type keep their defaults: packages/core has checked what users pass in.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engine/hearth.h"

namespace hearth::wasm {

/// {"parts": [{"name", "size", "address", "readsAhead"}], and the members of hearth_model_options in
/// camelCase}.
struct LoadRequest {
  explicit LoadRequest(std::string_view json);
  LoadRequest(LoadRequest&&) = delete;  // `options` points into it

  struct Part {
    std::string name;
    uint64_t size = 0;
    double address = 0;  // where it lies in memory; 0: it is read from the host
    bool reads_ahead = false;
  };
  std::vector<Part> parts;
  bool in_memory = false;
  hearth_model_options options{};

 private:
  std::string kv_type_, instruction_set_;
};

/// Changes `options` by hearth_generation_options in camelCase, "stop" an array of texts, "stopTokens" of
/// numbers, "logitBias" of [token, bias] with null for minus infinity. Must live as long as `options` is
/// used.
class GenerationChoices {
 public:
  GenerationChoices(std::string_view json, hearth_generation_options& options);
  GenerationChoices(GenerationChoices&&) = delete;

 private:
  std::vector<std::string> stop_;
  std::vector<const char*> stop_pointers_;
  std::vector<int32_t> stop_tokens_;
  std::vector<hearth_logit_bias> logit_bias_;
};

}  // namespace hearth::wasm
