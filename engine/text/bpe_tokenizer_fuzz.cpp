// Random merges and texts for byte-level BPE. Input: a byte of settings, the pre-tokenizer's number, the
// number of merges, for each the numbers of its two parts, then added tokens and the text as in
// tokenizer_fuzzing.h.
#include <deque>

#include "engine/text/bpe_tokenizer.h"
#include "engine/text/byte_level.h"
#include "engine/text/pre_tokenizer.h"
#include "engine/text/tokenizer_fuzzing.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace hearth;
  fuzzing::Input input(bytes, size);
  const uint8_t settings = input.byte();
  const auto pre_tokenizers = all_pre_tokenizers();

  TokenizerData data;
  data.pre = pre_tokenizers[input.byte() % pre_tokenizers.size()].name;
  for (int byte = 0; byte < 256; ++byte) {
    std::string name;
    append_utf8(name, byte_level_character(static_cast<uint8_t>(byte)));
    data.vocabulary.add(name, TokenType::kNormal);
  }
  std::deque<std::string> merges;
  for (int count = input.byte(); count > 0; --count) {
    // The tokens made so far come first, so that small numbers make long tokens.
    const auto part = [&](uint8_t number) {
      const int made = data.vocabulary.size() - 256;
      return data.vocabulary.text(number < made ? 256 + number : number);
    };
    const std::string left(part(input.byte()));
    const std::string right(part(input.byte()));
    if (left.size() + right.size() > Vocabulary::kMaxTokenBytes) continue;
    merges.push_back(left + " " + right);
    if (data.vocabulary.find(left + right) == kNoToken) {
      data.vocabulary.add(left + right, TokenType::kNormal);
    }
  }
  data.merges.assign(merges.begin(), merges.end());
  const bool added_tokens = input.flag(settings, 0);
  if (added_tokens) fuzzing::add_tokens(input, data.vocabulary, input.flag(settings, 1));

  const auto tokenizer = make_bpe_tokenizer(std::move(data));
  fuzzing::require(tokenizer.ok(), "these merges are pairs");
  fuzzing::check(**tokenizer, input.rest());
  if (!added_tokens) {
    const std::string decoded = (*tokenizer)->decode((*tokenizer)->encode(input.rest()));
    fuzzing::require(decoded == input.rest(), "decoding gives the text");
  }
  return 0;
}
