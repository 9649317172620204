#include "engine/model/hugging_face/token_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace hearth {

void TokenTable::put(uint64_t number, const std::string& text, TokenType type, float score) {
  if (number >= texts_.size()) {
    texts_.resize(number + 1);
    types_.resize(number + 1, static_cast<int32_t>(TokenType::kUndefined));
    scores_.resize(number + 1);
  }
  texts_[number] = text;
  types_[number] = static_cast<int32_t>(type);
  scores_[number] = score;
  numbers_[text] = static_cast<uint32_t>(number);
}

std::optional<uint32_t> TokenTable::find(const std::string& name) const {
  const auto found = numbers_.find(name);
  return found == numbers_.end() ? std::nullopt : std::optional(found->second);
}

void TokenTable::fill_up(size_t size) {
  texts_.resize(std::max(size, texts_.size()));
  types_.resize(texts_.size(), static_cast<int32_t>(TokenType::kUndefined));
  scores_.resize(texts_.size());
  for (size_t number = 0; number < texts_.size(); ++number) {
    if (type(number) != TokenType::kUndefined) continue;
    texts_[number] = fmt::format("[PAD{}]", number);
    types_[number] = static_cast<int32_t>(TokenType::kUnused);
  }
}

void TokenTable::write(GgufWriter& writer, bool with_scores) const {
  writer.add_strings("tokenizer.ggml.tokens", texts_);
  writer.add_int32s("tokenizer.ggml.token_type", types_);
  if (with_scores) writer.add_float32s("tokenizer.ggml.scores", scores_);
}

}  // namespace hearth
