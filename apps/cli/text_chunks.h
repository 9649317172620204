// A text as models are measured with it, by llama.cpp's rule, so that figures can be compared: cut into
// chunks of as many tokens as the context has, each a sequence of its own.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "apps/cli/model_options.h"
#include "engine/base/result.h"
#include "engine/text/tokenizer.h"

namespace hearth::cli {

class TextChunks {
 public:
  /// Of `text`, which was read from `path`. What stands for control tokens in it becomes these if
  /// `with_control` says so. INVALID_ARGUMENT where it fills no chunk.
  static Result<TextChunks> of(std::string_view text, const std::string& path, const LoadedModel& model,
                               bool with_control);

  size_t count() const { return tokens_.size() / chunk_tokens_; }
  size_t chunk_tokens() const { return chunk_tokens_; }
  /// Of the whole text.
  size_t tokens() const { return tokens_.size(); }
  /// A chunk's tokens. The first is replaced by the beginning token where the vocabulary wants one.
  std::vector<TokenId> operator[](size_t index) const;

 private:
  std::vector<TokenId> tokens_;
  size_t chunk_tokens_ = 1;
  TokenId first_ = kNoToken;  // of each chunk
};

}  // namespace hearth::cli
