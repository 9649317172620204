#include "engine/text/rwkv_tokenizer.h"

#include <utility>
#include <vector>

#include "engine/text/byte_trie.h"
#include "engine/text/vocabulary_tokenizer.h"

namespace hearth {
namespace {

const TokenizerDefaults kRwkvDefaults{.special = {}, .add_space_prefix = false};

/// -1 for anything but 0-9, a-f, A-F.
int rwkv_hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  const char lower = static_cast<char>(digit | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// The byte of the two digits that `text` begins with; -1 where they are none.
int rwkv_hex_byte(std::string_view text) {
  if (text.size() < 2) return -1;
  const int high = rwkv_hex_digit(text[0]);
  const int low = rwkv_hex_digit(text[1]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/// Only normal tokens come out of texts: the file's others (<s>, and [PAD65530] for rows that no token has)
/// are in no vocabulary of RWKV's own.
ByteTrie unescaped_trie_of(const Vocabulary& vocabulary) {
  std::vector<std::string> texts;  // the entries are views of them
  texts.reserve(static_cast<size_t>(vocabulary.size()));
  std::vector<ByteTrie::Entry> entries;
  entries.reserve(texts.capacity());
  for (TokenId token = 0; token < vocabulary.size(); ++token) {
    if (vocabulary.type(token) != TokenType::kNormal) continue;
    texts.push_back(without_rwkv_escapes(vocabulary.text(token)));
    entries.push_back({texts.back(), token});
  }
  return ByteTrie(std::move(entries));
}

class RwkvTokenizer final : public VocabularyTokenizer {
 public:
  explicit RwkvTokenizer(TokenizerData& data)
      : VocabularyTokenizer(data), trie_(unescaped_trie_of(vocabulary())) {}

  std::string_view kind() const override { return "rwkv"; }

 private:
  void encode_text(std::string_view text, bool, std::vector<TokenId>& out) const override {
    while (!text.empty()) {
      const auto [bytes, token] = trie_.longest_prefix(text);
      if (token != ByteTrie::kNone) {
        out.push_back(token);
      } else if (special().unk != kNoToken) {
        out.push_back(special().unk);
      }
      text.remove_prefix(token != ByteTrie::kNone ? bytes : 1);
    }
  }

  std::string text_bytes(TokenId token) const override {
    return without_rwkv_escapes(vocabulary().text(token));
  }

  ByteTrie trie_;
};

}  // namespace

std::string without_rwkv_escapes(std::string_view written) {
  std::string bytes;
  bytes.reserve(written.size());
  for (size_t at = 0; at < written.size(); ++at) {
    if (written[at] != '\\' || at + 1 == written.size()) {
      bytes += written[at];
      continue;
    }
    const char escaped = written[++at];
    const int byte = escaped == 'x' ? rwkv_hex_byte(written.substr(at + 1)) : -1;
    if (byte >= 0) {
      bytes += static_cast<char>(byte);
      at += 2;
    } else if (escaped == 't') {
      bytes += '\t';
    } else if (escaped == 'n') {
      bytes += '\n';
    } else if (escaped == 'r') {
      bytes += '\r';
    } else {
      bytes += escaped;
    }
  }
  return bytes;
}

std::unique_ptr<const Tokenizer> make_rwkv_tokenizer(TokenizerData data) {
  return std::make_unique<RwkvTokenizer>(data);
}

Result<std::unique_ptr<const Tokenizer>> read_rwkv_tokenizer(const Gguf& gguf) {
  HEARTH_ASSIGN(TokenizerData data, read_tokenizer_data(gguf, kRwkvDefaults));
  return make_rwkv_tokenizer(std::move(data));
}

}  // namespace hearth
