// What fuzzing any tokenizer takes: a vocabulary and a text out of arbitrary bytes, and what must hold for
// every tokenizer. Fuzzers only.
//
// The bytes of an input are, in order: a byte of settings, the number of tokens, for each token a byte (low
// four bits: length, high four bits: type), a score and its text, then the text to tokenise.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/tokenizer_data.h"
#include "engine/text/unicode.h"

namespace hearth::fuzzing {

/// Ends the program, so that the fuzzer keeps the input.
inline void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "violated: %s\n", what);
  std::abort();
}

/// Takes an input apart; beyond its end there are zeros.
class Input {
 public:
  Input(const uint8_t* bytes, size_t size) : rest_(reinterpret_cast<const char*>(bytes), size) {}

  uint8_t byte() {
    const std::string_view one = bytes(1);
    return one.empty() ? 0 : static_cast<uint8_t>(one[0]);
  }
  bool flag(uint8_t settings, int bit) const { return (settings >> bit & 1) != 0; }
  std::string_view bytes(size_t count) {
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

inline void add_byte_tokens(Vocabulary& vocabulary) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (int byte = 0; byte < 256; ++byte) {
    const std::string name = {'<', '0', 'x', kDigits[byte / 16], kDigits[byte % 16], '>'};
    vocabulary.add(name, TokenType::kByte);
  }
}

/// Adds tokens with texts, types and scores from the input; none twice.
inline void add_tokens(Input& input, Vocabulary& vocabulary, bool only_normal) {
  for (int count = input.byte(); count > 0; --count) {
    const uint8_t shape = input.byte();
    const auto score = static_cast<float>(static_cast<int8_t>(input.byte()));
    const std::string_view text = input.bytes(shape & 15);
    if (text.empty() || vocabulary.find(text) != kNoToken) continue;
    const TokenType type = only_normal ? TokenType::kNormal : static_cast<TokenType>((shape >> 4) % 6);
    vocabulary.add(text, type, score);
  }
}

inline bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    const Utf8Character character = decode_utf8(text);
    if (character.state != Utf8State::kValid) return false;
    text.remove_prefix(character.bytes);
  }
  return true;
}

/// What holds for every tokenizer, vocabulary and text.
inline void check(const Tokenizer& tokenizer, std::string_view text) {
  const std::vector<TokenId> ids = tokenizer.encode(text, true, true);
  for (const TokenId id : ids) {
    require(id >= 0 && id < tokenizer.vocabulary_size(), "ids are in the vocabulary");
  }

  const std::vector<TokenId> user_ids = tokenizer.encode(text, false, false);
  for (const TokenId id : user_ids) {
    require(!tokenizer.is_control(id) || id == tokenizer.special().unk, "no text becomes a control token");
  }
  const std::vector<TextPiece> halves{{text.substr(0, text.size() / 2), false},
                                      {text.substr(text.size() / 2), false}};
  require(tokenizer.encode(halves, false) == user_ids, "a piece boundary is no token boundary");

  const std::string decoded = tokenizer.decode(user_ids);
  StreamDecoder decoder(tokenizer, false);
  std::string streamed;
  for (const TokenId id : user_ids) {
    const std::string part = decoder.push(id);
    require(is_valid_utf8(part), "streams are UTF-8");
    streamed += part;
  }
  streamed += decoder.finish();
  require(streamed == decoded || !is_valid_utf8(decoded), "streaming gives what decoding gives");
}

}  // namespace hearth::fuzzing
