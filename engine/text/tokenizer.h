// Text to token ids and back. One implementation per kind (SentencePiece BPE, BPE by merges, WordPiece,
// unigram, the longest token, PLaMo's, none at all), chosen from a GGUF's `tokenizer.ggml.model`.
//
// A Tokenizer is immutable and may be used from several threads at once.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace hearth {

class Gguf;

using TokenId = int32_t;
inline constexpr TokenId kNoToken = -1;

/// A stretch of text, and whether token names such as <|im_end|> within it mean the control token (template
/// text) or just their letters (anything a user wrote).
struct TextPiece {
  std::string_view text;
  bool parse_special;
};

/// What a text is given with whose middle is asked for; kNoToken where there is none.
struct InfillTokens {
  TokenId prefix = kNoToken;  // before what precedes the middle
  TokenId suffix = kNoToken;  // before what follows it
  TokenId middle = kNoToken;  // before the middle, which the model writes
  TokenId pad = kNoToken;
  TokenId repository = kNoToken;      // before a repository's name
  TokenId file_separator = kNoToken;  // before another file of it

  bool operator==(const InfillTokens&) const = default;
};

/// The vocabulary's designated tokens; kNoToken where there is none.
struct SpecialTokens {
  TokenId bos = kNoToken;
  TokenId eos = kNoToken;
  TokenId eot = kNoToken;
  TokenId unk = kNoToken;
  TokenId sep = kNoToken;
  TokenId pad = kNoToken;
  TokenId mask = kNoToken;
  bool add_bos = false;
  bool add_eos = false;
  InfillTokens infill = {};
};

/// Where decoding stands between two tokens of a text.
struct DecodingState {
  /// Nothing has come yet: a space that encoding put before the text is to be dropped.
  bool at_beginning = true;
  /// What the next token decides about.
  std::string held;
};

class Tokenizer {
 public:
  /// Reads the vocabulary; `gguf` is not needed afterwards. INVALID_MODEL naming the key at fault, or
  /// UNSUPPORTED_MODEL naming the tokenizer.
  static Result<std::unique_ptr<const Tokenizer>> from_gguf(const Gguf& gguf);
  /// The values of `tokenizer.ggml.model` that are read.
  static std::vector<std::string> known_models();

  virtual ~Tokenizer() = default;

  /// The ids of consecutive pieces, tokenised as one text: a piece boundary is no token boundary, but a
  /// control token is only recognised wholly inside a piece with parse_special. With `add_special`, the
  /// vocabulary's own beginning and end tokens are added where it asks for them. Never fails: unknown bytes
  /// become byte tokens or <unk>.
  virtual std::vector<TokenId> encode(std::span<const TextPiece> pieces, bool add_special) const = 0;
  std::vector<TokenId> encode(std::string_view text, bool add_special = true,
                              bool parse_special = true) const {
    const TextPiece piece{text, parse_special};
    return encode(std::span(&piece, 1), add_special);
  }

  /// The bytes one token stands for in running text (not necessarily whole characters; a leading
  /// SentencePiece space included). Control tokens give "" unless `with_special`, then their name; so does
  /// <unk>, which is " ⁇ " to SentencePiece and its unigram model.
  virtual std::string token_bytes(TokenId token, bool with_special = false) const = 0;

  /// The text of `tokens`; drops the space that SentencePiece puts before a text, and the spaces that
  /// WordPiece puts around punctuation. Bytes that are no UTF-8 stay as they are.
  virtual std::string decode(std::span<const TokenId> tokens, bool with_special = false) const = 0;
  /// What `token` adds to a text whose tokens come one by one. At its end, what is held belongs to it too.
  virtual std::string decode_next(TokenId token, DecodingState& state, bool with_special = false) const = 0;

  /// The token as the vocabulary spells it, for display: "▁the", "Ġthe", "<0x0A>".
  virtual std::string_view token_name(TokenId token) const = 0;
  /// The token with exactly that name; kNoToken where there is none.
  virtual TokenId find(std::string_view name) const = 0;

  virtual int32_t vocabulary_size() const = 0;
  virtual bool is_control(TokenId token) const = 0;
  virtual const SpecialTokens& special() const = 0;
  /// Whether the token ends an answer: eos, eot and the end-of-turn tokens known by name (<|im_end|>,
  /// <end_of_turn>, ...).
  virtual bool ends_generation(TokenId token) const = 0;
  /// The tokens that the model must never choose, whatever it makes of them.
  virtual std::span<const TokenId> suppressed() const { return {}; }
  /// "spm", "bpe", "wordpiece", "unigram", "rwkv", "plamo2" or "none".
  virtual std::string_view kind() const = 0;
};

/// Turns a stream of tokens into text without ever splitting a UTF-8 character.
class StreamDecoder {
 public:
  /// Borrows the tokenizer. `continues_text` keeps a leading SentencePiece space (the stream continues a
  /// prompt).
  StreamDecoder(const Tokenizer& tokenizer, bool continues_text, bool with_special = false);

  /// The text that is now complete, as valid UTF-8; may be empty. Bytes that can be no part of a character
  /// come out as U+FFFD. Of a control token that is to be `shown`, the text is its name.
  std::string push(TokenId token, bool shown = false);
  /// What is left, an unfinished character as U+FFFD.
  std::string finish();

 private:
  /// Takes the characters that are whole out of what is pending.
  std::string take_characters();

  const Tokenizer& tokenizer_;
  bool with_special_;
  DecodingState state_;
  std::string pending_;
};

}  // namespace hearth
