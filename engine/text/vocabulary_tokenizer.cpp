#include "engine/text/vocabulary_tokenizer.h"

#include <algorithm>
#include <utility>

namespace hearth {
namespace {

/// Running text is tokenised in stretches of at most this many bytes, so that places in it fit 32 bits.
constexpr size_t kMaxStretch = size_t{1} << 30;

}  // namespace

VocabularyTokenizer::VocabularyTokenizer(TokenizerData& data, bool finds_user_defined)
    : vocabulary_(std::move(data.vocabulary)),
      special_(data.special),
      end_tokens_(std::move(data.end_tokens)),
      suppressed_(std::move(data.suppressed)),
      matcher_(vocabulary_, std::move(data.white_space_rules), finds_user_defined) {
  for (int byte = 0; byte < 256; ++byte) {
    byte_tokens_[byte] = vocabulary_.find_byte(static_cast<uint8_t>(byte));
  }
}

std::vector<TokenId> VocabularyTokenizer::encode(std::span<const TextPiece> pieces, bool add_special) const {
  std::string joined;
  if (pieces.size() > 1) {
    for (const TextPiece& piece : pieces) joined += piece.text;
  }
  const std::string_view text = pieces.size() == 1 ? pieces[0].text : joined;

  std::vector<TokenId> out;
  if (add_special && special_.add_bos) out.push_back(special_.bos);
  bool first = true;
  for (const Fragment& fragment : matcher_.split(text, pieces)) {
    if (fragment.token != kNoToken) {
      out.push_back(fragment.token);
      first = true;
      continue;
    }
    for (size_t at = 0; at < fragment.text.size(); at += kMaxStretch) {
      encode_text(fragment.text.substr(at, kMaxStretch), first, out);
      first = false;
    }
  }
  if (add_special && special_.add_eos) out.push_back(special_.eos);
  return out;
}

std::string VocabularyTokenizer::token_bytes(TokenId token, bool with_special) const {
  if (!vocabulary_.contains(token)) return {};
  switch (vocabulary_.type(token)) {
    case TokenType::kControl:
      return with_special ? std::string(vocabulary_.text(token)) : std::string();
    case TokenType::kUnknown:
      return std::string(with_special ? vocabulary_.text(token) : unknown_text());
    case TokenType::kUserDefined:
      return std::string(vocabulary_.text(token));
    case TokenType::kByte:
      if (const int byte = vocabulary_.byte_value(token); byte >= 0) {
        return std::string(1, static_cast<char>(byte));
      }
      break;
    case TokenType::kUndefined:
    case TokenType::kNormal:
    case TokenType::kUnused:
      break;
  }
  return text_bytes(token);
}

std::string VocabularyTokenizer::decode(std::span<const TokenId> tokens, bool with_special) const {
  std::string out;
  DecodingState state;
  for (const TokenId token : tokens) out += decode_next(token, state, with_special);
  return out + state.held;
}

std::string VocabularyTokenizer::decode_next(TokenId token, DecodingState& state, bool with_special) const {
  std::string bytes = token_bytes(token, with_special);
  // A control token is no text: what follows it still begins one.
  if (bytes.empty() || is_control(token)) return bytes;
  const bool added = state.at_beginning && adds_space() && bytes[0] == ' ';
  state.at_beginning = false;
  // SentencePiece writes the unknown token with spaces of its own.
  if (added && vocabulary_.type(token) != TokenType::kUnknown) bytes.erase(0, 1);
  return bytes;
}

std::string_view VocabularyTokenizer::token_name(TokenId token) const {
  return vocabulary_.contains(token) ? vocabulary_.text(token) : std::string_view();
}

bool VocabularyTokenizer::is_control(TokenId token) const {
  return vocabulary_.contains(token) && vocabulary_.type(token) == TokenType::kControl;
}

bool VocabularyTokenizer::ends_generation(TokenId token) const {
  return std::binary_search(end_tokens_.begin(), end_tokens_.end(), token);
}

void VocabularyTokenizer::encode_bytes(std::string_view bytes, std::vector<TokenId>& out) const {
  const auto byte_token = [&](char byte) { return byte_tokens_[static_cast<uint8_t>(byte)]; };
  if (std::all_of(bytes.begin(), bytes.end(), [&](char byte) { return byte_token(byte) != kNoToken; })) {
    for (const char byte : bytes) out.push_back(byte_token(byte));
  } else if (special_.unk != kNoToken) {
    out.push_back(special_.unk);
  }
}

}  // namespace hearth
