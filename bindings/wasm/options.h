// What JavaScript asks for, from JSON to the structs of the C interface. Members that are missing keep their
// defaults; a value that cannot be its option's is INVALID_ARGUMENT.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/hearth.h"

namespace hearth::wasm {

/// {"parts": [{"name", "size", "address", "readsAhead"}], and the members of hearth_model_options in
/// camelCase}.
struct LoadRequest {
  LoadRequest() = default;
  LoadRequest(LoadRequest&&) = delete;  // `options` points into it

  Result<void> read(std::string_view text);

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

/// The members of hearth_generation_options in camelCase, "stop" an array of texts, "stopTokens" of numbers,
/// "logitBias" of [token, bias] with null for minus infinity.
class GenerationChoices {
 public:
  GenerationChoices() = default;
  GenerationChoices(GenerationChoices&&) = delete;

  /// Changes `options`, which must not outlive this.
  Result<void> apply(std::string_view text, hearth_generation_options& options);

 private:
  std::vector<std::string> stop_;
  std::vector<const char*> stop_pointers_;
  std::vector<int32_t> stop_tokens_;
  std::vector<hearth_logit_bias> logit_bias_;
};

}  // namespace hearth::wasm
