#include "engine/text/hashed_tokenizer.h"

#include <fmt/core.h>

#include <string>
#include <vector>

#include "engine/text/vocabulary_tokenizer.h"

namespace hearth {
namespace {

const TokenizerDefaults kHashedDefaults{.special = {}, .add_space_prefix = false};

class HashedTokenizer final : public VocabularyTokenizer {
 public:
  explicit HashedTokenizer(TokenizerData& data) : VocabularyTokenizer(data) {}

  std::string_view kind() const override { return "test"; }

 private:
  void encode_text(std::string_view text, bool, std::vector<TokenId>& out) const override {
    constexpr size_t kBytesOfToken = 5;
    const auto size = static_cast<uint64_t>(vocabulary().size());
    while (!text.empty() && size > 0) {
      const std::string_view bytes = text.substr(0, kBytesOfToken);
      uint64_t hash = 0;
      for (const char byte : bytes) hash = hash * 31 + static_cast<unsigned char>(byte);
      out.push_back(static_cast<TokenId>(hash % size));
      text.remove_prefix(bytes.size());
    }
  }

  std::string text_bytes(TokenId token) const override { return fmt::format("{:x}", token); }
};

}  // namespace

Result<std::unique_ptr<const Tokenizer>> read_hashed_tokenizer(const Gguf& gguf) {
  HEARTH_ASSIGN(TokenizerData data, read_tokenizer_data(gguf, kHashedDefaults));
  return std::unique_ptr<const Tokenizer>(std::make_unique<HashedTokenizer>(data));
}

}  // namespace hearth
