#include "engine/text/special_tokens.h"

#include <algorithm>
#include <utility>

namespace hearth {
namespace {

constexpr std::string_view kWhiteSpace = " \t\n\v\f\r";

/// Whether a token is found in texts by its name.
bool is_special(TokenType type, bool finds_user_defined) {
  return type == TokenType::kControl || type == TokenType::kUnknown ||
         (type == TokenType::kUserDefined && finds_user_defined);
}

/// Walks along the pieces of a text and tells how far a control token may reach.
class PieceCursor {
 public:
  explicit PieceCursor(std::span<const TextPiece> pieces) : pieces_(pieces) {}

  /// The bytes from `at` to the end of its piece if that may name control tokens, else 0. Places must not
  /// decrease from call to call.
  size_t control_reach(size_t at) {
    while (index_ < pieces_.size() && at >= end_) end_ += pieces_[index_++].text.size();
    return at < end_ && pieces_[index_ - 1].parse_special ? end_ - at : 0;
  }

 private:
  std::span<const TextPiece> pieces_;
  size_t index_ = 0;  // of the piece after the current one
  size_t end_ = 0;    // of the current piece
};

}  // namespace

SpecialTokenMatcher::SpecialTokenMatcher(const Vocabulary& vocabulary, std::vector<WhiteSpaceRule> rules,
                                         bool finds_user_defined)
    : vocabulary_(vocabulary), rules_(std::move(rules)), trie_(trie_of(vocabulary, [&](TokenId token) {
        return is_special(vocabulary.type(token), finds_user_defined);
      })) {}

std::vector<Fragment> SpecialTokenMatcher::split(std::string_view text,
                                                 std::span<const TextPiece> pieces) const {
  std::vector<Fragment> fragments;
  PieceCursor cursor(pieces);
  size_t begin = 0;  // of the text that is not yet in a fragment
  const auto add_text = [&](size_t end, bool strip) {
    std::string_view fragment = text.substr(begin, end - begin);
    if (strip) fragment = fragment.substr(0, fragment.find_last_not_of(kWhiteSpace) + 1);
    if (!fragment.empty()) fragments.push_back({kNoToken, fragment});
  };

  for (size_t at = 0; at < text.size();) {
    const size_t control_reach = cursor.control_reach(at);
    size_t length = 0;
    TokenId token = kNoToken;
    trie_.for_each_prefix(text.substr(at), [&](size_t bytes, TokenId candidate) {
      if (bytes > control_reach && vocabulary_.type(candidate) != TokenType::kUserDefined) return;
      length = bytes;
      token = candidate;
    });
    if (token == kNoToken) {
      ++at;
      continue;
    }
    add_text(at, rule(token).strip_before);
    fragments.push_back({token, text.substr(at, length)});
    at += length;
    if (rule(token).strip_after) at = std::min(text.find_first_not_of(kWhiteSpace, at), text.size());
    begin = at;
  }
  add_text(text.size(), false);
  return fragments;
}

}  // namespace hearth
