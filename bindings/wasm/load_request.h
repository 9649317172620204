// What JavaScript asks to load.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace hearth::wasm {

struct LoadRequest {
  /// Reads {"parts": [{"name", "size", "address", "readsAhead"}], "options": {...}, "gpu"}.
  Result<void> read(std::string_view text);

  struct Part {
    std::string name;
    uint64_t size = 0;
    double address = 0;  // where it lies in memory; 0: it is read from the host
    bool reads_ahead = false;
  };
  std::vector<Part> parts;
  bool in_memory = false;
  std::string options;         // as hearth_model_options has them: JSON
  nlohmann::ordered_json gpu;  // the properties of the host's GPU, or null
};

}  // namespace hearth::wasm
