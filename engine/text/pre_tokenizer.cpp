#include "engine/text/pre_tokenizer.h"

#include <algorithm>

namespace hearth {
namespace {

std::vector<Character> decode(std::string_view text) {
  std::vector<Character> characters;
  characters.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const Utf8Character character = decode_utf8(text.substr(at));
    const bool valid = character.state == Utf8State::kValid;
    characters.push_back(
        {character.code_point,
         valid ? classify(character.code_point) : CharacterClass{GeneralCategory::kCn, false, false},
         character.bytes});
    at += character.bytes;
  }
  return characters;
}

size_t match(const SplitRule& rule, CharacterSpan text, size_t at) {
  for (const Matcher matcher : rule.alternatives) {
    if (const size_t end = matcher(text, at); end > at) return end;
  }
  return at;
}

/// Appends where the pieces of `text` end; `offset` is where it begins in the whole.
void split(const SplitRule& rule, CharacterSpan text, size_t offset, std::vector<size_t>& ends) {
  size_t begin = 0;  // of the stretch in which nothing has matched
  for (size_t at = 0; at < text.size();) {
    const size_t end = match(rule, text, at);
    if (end == at) {
      at = rule.mismatch != nullptr ? std::max(rule.mismatch(text, at), at + 1) : at + 1;
      continue;
    }
    if (at > begin) ends.push_back(offset + at);
    ends.push_back(offset + end);
    begin = at = end;
  }
  if (begin < text.size()) ends.push_back(offset + text.size());
}

}  // namespace

std::vector<size_t> split_words(const PreTokenizer& pre_tokenizer, std::string_view text) {
  if (text.empty()) return {};
  const std::vector<Character> characters = decode(text);
  std::vector<size_t> ends{characters.size()};
  for (const SplitRule& rule : pre_tokenizer.rules) {
    std::vector<size_t> finer;
    finer.reserve(ends.size());
    size_t begin = 0;
    for (const size_t end : ends) {
      split(rule, CharacterSpan(characters).subspan(begin, end - begin), begin, finer);
      begin = end;
    }
    ends = std::move(finer);
  }

  size_t character = 0;
  size_t bytes = 0;
  for (size_t& end : ends) {
    while (character < end) bytes += characters[character++].bytes;
    end = bytes;
  }
  return ends;
}

}  // namespace hearth
