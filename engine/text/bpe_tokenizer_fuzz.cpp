// Random merges and texts for byte-pair encoding. Input: a byte of settings, the pre-tokenizer's number, the
// number of merges, for each the numbers of its two parts, then added tokens and the text as in
// tokenizer_fuzzing.h.
#include <deque>

#include "engine/text/bpe_tokenizer.h"
#include "engine/text/byte_level.h"
#include "engine/text/normalization.h"
#include "engine/text/pre_tokenizer.h"
#include "engine/text/tokenizer_fuzzing.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace hearth;
  fuzzing::Input input(bytes, size);
  const uint8_t settings = input.byte();
  const auto pre_tokenizers = all_pre_tokenizers();

  const PreTokenizer& pre_tokenizer = pre_tokenizers[input.byte() % pre_tokenizers.size()];
  TokenizerData data;
  data.pre = pre_tokenizer.name;
  data.nfc = input.flag(settings, 2);
  data.drops_white_space = input.flag(settings, 3);
  data.lowercase = input.flag(settings, 4);
  const bool composes = data.nfc || pre_tokenizer.nfc;
  const bool keeps_text = pre_tokenizer.alphabet == BpeAlphabet::kBytes && !data.drops_white_space;
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
  const std::string composed = to_nfc(input.rest());
  fuzzing::require(to_nfc(composed) == composed, "what is composed stays so");
  if (!added_tokens && keeps_text) {
    const std::string decoded = (*tokenizer)->decode((*tokenizer)->encode(input.rest()));
    fuzzing::require(decoded == (composes ? composed : input.rest()), "decoding gives the text");
  }
  return 0;
}
