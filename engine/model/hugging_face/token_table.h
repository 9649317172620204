// A vocabulary by number, as GGUF has it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/format/gguf_writer.h"
#include "engine/text/vocabulary.h"

namespace hearth {

class TokenTable {
 public:
  static constexpr uint64_t kMostTokens = 1 << 22;

  /// The number is below kMostTokens; it replaces what was there.
  void put(uint64_t number, const std::string& text, TokenType type, float score = 0.0F);
  /// The token's text in GGUF, where that is another than its name in the folder.
  void respell(uint64_t number, std::string text) { texts_[number] = std::move(text); }
  void set_score(uint64_t number, float score) { scores_[number] = score; }

  size_t size() const { return texts_.size(); }
  const std::string& text(uint64_t number) const { return texts_[number]; }
  TokenType type(uint64_t number) const { return static_cast<TokenType>(types_[number]); }
  std::optional<uint32_t> find(const std::string& name) const;

  /// Numbers that no token has become unused ones, up to `size` tokens.
  void fill_up(size_t size);
  void write(GgufWriter& writer, bool with_scores) const;

 private:
  std::vector<std::string> texts_;
  std::vector<int32_t> types_;
  std::vector<float> scores_;
  std::map<std::string, uint32_t, std::less<>> numbers_;  // by name
};

}  // namespace hearth
