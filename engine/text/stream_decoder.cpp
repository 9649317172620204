#include "engine/text/tokenizer.h"
#include "engine/text/unicode.h"

namespace hearth {

StreamDecoder::StreamDecoder(const Tokenizer& tokenizer, bool continues_text, bool with_special)
    : tokenizer_(tokenizer), with_special_(with_special), drop_space_(!continues_text) {}

std::string StreamDecoder::push(TokenId token) {
  const std::string bytes = tokenizer_.token_bytes(token, with_special_);
  if (drop_space_) {
    // A text of one token is what decode() makes of the beginning of a text.
    pending_ += tokenizer_.decode({&token, 1}, with_special_);
    if (!bytes.empty() && !tokenizer_.is_control(token)) drop_space_ = false;
  } else {
    pending_ += bytes;
  }

  std::string complete;
  size_t at = 0;
  while (at < pending_.size()) {
    const Utf8Character character = decode_utf8(std::string_view(pending_).substr(at));
    if (character.state == Utf8State::kUnfinished) break;
    append_utf8(complete, character.code_point);
    at += character.bytes;
  }
  pending_.erase(0, at);
  return complete;
}

std::string StreamDecoder::finish() {
  std::string rest;
  if (!pending_.empty()) append_utf8(rest, kReplacementCharacter);
  pending_.clear();
  return rest;
}

}  // namespace hearth
