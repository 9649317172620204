#include "engine/text/no_tokenizer.h"

#include <fmt/core.h>

#include <utility>
#include <vector>

#include "engine/format/gguf.h"
#include "engine/text/vocabulary_tokenizer.h"

namespace hearth {
namespace {

/// Far more than any model has.
constexpr uint64_t kMostTokensWithoutNames = uint64_t{1} << 24;

class NoTokenizer final : public VocabularyTokenizer {
 public:
  explicit NoTokenizer(TokenizerData& data) : VocabularyTokenizer(data) {}

  std::string_view kind() const override { return "none"; }

 private:
  void encode_text(std::string_view, bool, std::vector<TokenId>&) const override {}
  std::string text_bytes(TokenId) const override { return {}; }
};

}  // namespace

Result<std::unique_ptr<const Tokenizer>> read_no_tokenizer(const Gguf& gguf) {
  HEARTH_ASSIGN(const std::string_view architecture, gguf.require_string("general.architecture"));
  const std::string key = fmt::format("{}.vocab_size", architecture);
  HEARTH_ASSIGN(const auto size, gguf.integer(key));
  const uint64_t tokens = size.value_or(0);
  if (tokens > kMostTokensWithoutNames) {
    return Error{ErrorCode::kInvalidModel,
                 fmt::format("{}: key '{}': {} tokens; at most {} are allowed", gguf.source().name(), key,
                             tokens, kMostTokensWithoutNames)};
  }
  TokenizerData data;
  data.vocabulary.reserve(tokens, 0);
  for (uint64_t token = 0; token < tokens; ++token) data.vocabulary.add({}, TokenType::kUnused);
  return std::unique_ptr<const Tokenizer>(std::make_unique<NoTokenizer>(data));
}

}  // namespace hearth
