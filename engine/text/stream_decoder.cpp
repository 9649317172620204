#include "engine/text/tokenizer.h"
#include "engine/text/unicode.h"

namespace hearth {

StreamDecoder::StreamDecoder(const Tokenizer& tokenizer, bool continues_text, bool with_special)
    : tokenizer_(tokenizer),
      with_special_(with_special),
      state_{.at_beginning = !continues_text, .held = {}} {}

std::string StreamDecoder::push(TokenId token, bool shown) {
  pending_ += tokenizer_.decode_next(token, state_, with_special_ || shown);
  return take_characters();
}

std::string StreamDecoder::finish() {
  pending_ += state_.held;
  state_.held.clear();
  std::string rest = take_characters();
  if (!pending_.empty()) append_utf8(rest, kReplacementCharacter);
  pending_.clear();
  return rest;
}

std::string StreamDecoder::take_characters() {
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

}  // namespace hearth
