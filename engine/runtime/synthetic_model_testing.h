// Models with random weights, loaded from memory. Test code only.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "engine/format/gguf_writer.h"
#include "engine/runtime/test_model.h"
#include "testing/synthetic/synthetic_model.h"

namespace hearth::testing {

inline std::unique_ptr<Model> load_synthetic(const SyntheticShape& shape, const std::string& device = "",
                                             std::string_view type = "F32") {
  GgufWriter writer;
  if (const auto added = add_synthetic_model(shape, expect_value(find_type_mix(type)), 1, writer);
      !added.ok()) {
    throw std::runtime_error(added.error().message);
  }
  return expect_value(Model::load({own_memory(expect_value(writer.write_to_memory()))},
                                  LoadOptions{.threads = 1, .device = device}));
}

inline std::unique_ptr<Model> load_synthetic(std::string_view shape, const std::string& device = "",
                                             std::string_view type = "F32") {
  return load_synthetic(*find_synthetic_shape(shape), device, type);
}

}  // namespace hearth::testing
