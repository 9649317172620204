// The real little model that the tests of this folder run. Test code only.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "engine/base/testdata.h"
#include "engine/runtime/model.h"

namespace hearth::testing {

inline std::filesystem::path stories_path() { return testdata() / "models/stories260K/stories260K.gguf"; }

template <typename T>
T expect_value(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);  // ends the test with the message
  return std::move(result).value();
}

/// The first position of a text of some tokens that the model has logits of.
inline size_t first_with_logits(const Model& model) {
  return model.spec().is_encoder_decoder() ? 12 : 0;  // then these are what its encoder reads
}

inline std::unique_ptr<Model> load_stories(int threads = 1) {
  return expect_value(Model::load(stories_path(), LoadOptions{.threads = threads}));
}

}  // namespace hearth::testing
