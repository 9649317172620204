// Fuzzes the tokenizers with random vocabularies and texts. They share a program, as almost all of what it
// links and runs is the same for each of them.
//
// The first byte of an input picks the tokenizer: 0 SentencePiece BPE, 1 the unigram model, 2 WordPiece, 3
// byte-pair encoding, 4 RWKV's, 5 PLaMo's. What follows is a byte of settings; for the unigram model a
// charsmap, for byte-pair encoding merges; then tokens and the text as in tokenizer_fuzzing.h.
#include <array>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "engine/text/bpe_tokenizer.h"
#include "engine/text/byte_level.h"
#include "engine/text/normalization.h"
#include "engine/text/plamo_tokenizer.h"
#include "engine/text/pre_tokenizer.h"
#include "engine/text/rwkv_tokenizer.h"
#include "engine/text/spm_space.h"
#include "engine/text/spm_tokenizer.h"
#include "engine/text/tokenizer_fuzzing.h"
#include "engine/text/unigram_tokenizer.h"
#include "engine/text/wordpiece_tokenizer.h"

namespace hearth::fuzzing {
namespace {

void check_spm(Input& input) {
  const uint8_t settings = input.byte();
  const bool only_normal = input.flag(settings, 0);
  const bool byte_tokens = input.flag(settings, 1);

  TokenizerData data;
  data.special.unk = data.vocabulary.add("<unk>", TokenType::kUnknown);
  data.special.bos = data.vocabulary.add("<s>", TokenType::kControl);
  data.special.add_bos = true;
  data.add_space_prefix = input.flag(settings, 2);
  if (byte_tokens) add_byte_tokens(data.vocabulary);
  add_tokens(input, data.vocabulary, only_normal);
  if (input.flag(settings, 3)) {
    data.white_space_rules.resize(static_cast<size_t>(data.vocabulary.size()), {true, true});
  }

  const auto tokenizer = make_spm_tokenizer(std::move(data));
  check(*tokenizer, input.rest());
  if (only_normal && byte_tokens) {
    const std::string decoded = tokenizer->decode(tokenizer->encode(input.rest(), true, false));
    require(decoded == without_spm_spaces(input.rest()), "decoding gives the text");
  }
}

/// The charsmap is its length, a byte, and as many bytes.
void check_unigram(Input& input) {
  const uint8_t settings = input.byte();
  const bool only_normal = input.flag(settings, 0);
  const bool byte_tokens = input.flag(settings, 1);

  TokenizerData data;
  data.special.unk = data.vocabulary.add("<unk>", TokenType::kUnknown);
  data.special.eos = data.vocabulary.add("</s>", TokenType::kControl);
  data.special.add_eos = true;
  data.add_space_prefix = input.flag(settings, 2);
  data.remove_extra_whitespaces = input.flag(settings, 3);
  const std::string_view charsmap = input.bytes(input.byte());
  data.charsmap.assign(charsmap.begin(), charsmap.end());
  if (byte_tokens) add_byte_tokens(data.vocabulary);
  add_tokens(input, data.vocabulary, only_normal);
  const bool keeps_text = only_normal && byte_tokens && charsmap.empty() && !data.remove_extra_whitespaces &&
                          is_valid_utf8(input.rest());

  const auto tokenizer = make_unigram_tokenizer(std::move(data));
  if (!tokenizer.ok()) return;
  check(**tokenizer, input.rest());
  if (keeps_text) {
    const std::string decoded = (*tokenizer)->decode((*tokenizer)->encode(input.rest(), true, false));
    require(decoded == without_spm_spaces(input.rest()), "decoding gives the text");
  }
}

void check_wordpiece(Input& input) {
  const uint8_t settings = input.byte();

  TokenizerData data;
  data.special.unk = data.vocabulary.add("[UNK]", TokenType::kControl);
  data.special.bos = data.vocabulary.add("[CLS]", TokenType::kControl);
  data.special.eos = data.vocabulary.add("[SEP]", TokenType::kControl);
  data.special.add_bos = data.special.add_eos = true;
  data.lowercase = input.flag(settings, 0);
  data.strip_accents = input.flag(settings, 1);
  add_tokens(input, data.vocabulary, input.flag(settings, 2));

  check(*make_wordpiece_tokenizer(std::move(data)), input.rest());
}

/// Every byte as a token, and what merges make of them: the number of merges, for each the numbers of its
/// two parts.
std::deque<std::string> add_merges(Input& input, Vocabulary& vocabulary) {
  for (int byte = 0; byte < 256; ++byte) {
    std::string name;
    append_utf8(name, byte_level_character(static_cast<uint8_t>(byte)));
    vocabulary.add(name, TokenType::kNormal);
  }
  std::deque<std::string> merges;
  for (int count = input.byte(); count > 0; --count) {
    // The tokens made so far come first, so that small numbers make long tokens.
    const auto part = [&](uint8_t number) {
      const int made = vocabulary.size() - 256;
      return vocabulary.text(number < made ? 256 + number : number);
    };
    const std::string left(part(input.byte()));
    const std::string right(part(input.byte()));
    if (left.size() + right.size() > Vocabulary::kMaxTokenBytes) continue;
    merges.push_back(left + " " + right);
    if (vocabulary.find(left + right) == kNoToken) vocabulary.add(left + right, TokenType::kNormal);
  }
  return merges;
}

/// After the settings stands the pre-tokenizer's number; tokens only where the settings say so.
void check_bpe(Input& input) {
  const uint8_t settings = input.byte();
  const auto pre_tokenizers = all_pre_tokenizers();
  const PreTokenizer& pre_tokenizer = pre_tokenizers[input.byte() % pre_tokenizers.size()];

  TokenizerData data;
  data.pre = pre_tokenizer.name;
  data.nfc = input.flag(settings, 2);
  data.drops_white_space = input.flag(settings, 3);
  data.lowercase = input.flag(settings, 4);
  data.has_dna = input.flag(settings, 5);
  const bool composes = data.nfc || pre_tokenizer.nfc;
  const bool keeps_text =
      pre_tokenizer.alphabet == BpeAlphabet::kBytes && !data.drops_white_space && !data.has_dna;
  const std::deque<std::string> merges = add_merges(input, data.vocabulary);
  data.merges.assign(merges.begin(), merges.end());
  if (data.has_dna) {
    for (const char* text : {"<dna>", "</dna>", "<oov>", "AAAAAA\uE000"}) {
      if (data.vocabulary.find(text) == kNoToken) data.vocabulary.add(text, TokenType::kNormal);
    }
  }
  const bool added_tokens = input.flag(settings, 0);
  if (added_tokens) add_tokens(input, data.vocabulary, input.flag(settings, 1));

  const auto tokenizer = make_bpe_tokenizer(std::move(data));
  require(tokenizer.ok(), "these merges are pairs");
  check(**tokenizer, input.rest());
  const std::string composed = to_nfc(input.rest());
  require(to_nfc(composed) == composed, "what is composed stays so");
  if (!added_tokens && keeps_text) {
    const std::string decoded = (*tokenizer)->decode((*tokenizer)->encode(input.rest()));
    require(decoded == (composes ? composed : input.rest()), "decoding gives the text");
  }
}

/// With every byte as a token, a text comes back.
void check_rwkv(Input& input) {
  const uint8_t settings = input.byte();
  const bool has_bytes = input.flag(settings, 0);

  TokenizerData data;
  if (input.flag(settings, 1)) data.special.unk = data.vocabulary.add("<unk>", TokenType::kUnknown);
  for (int byte = 0; has_bytes && byte < 256; ++byte) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const std::string name = {'\\', 'x', kDigits[static_cast<size_t>(byte / 16)],
                              kDigits[static_cast<size_t>(byte % 16)]};
    data.vocabulary.add(name, TokenType::kNormal);
  }
  const bool only_normal = input.flag(settings, 2);
  add_tokens(input, data.vocabulary, only_normal);

  const auto tokenizer = make_rwkv_tokenizer(std::move(data));
  check(*tokenizer, input.rest());
  if (has_bytes && only_normal) {
    require(tokenizer->decode(tokenizer->encode(input.rest(), true, false)) == input.rest(),
            "decoding gives the text");
  }
}

void check_plamo(Input& input) {
  const uint8_t settings = input.byte();
  const bool only_normal = input.flag(settings, 0);
  const bool byte_tokens = input.flag(settings, 1);

  TokenizerData data;
  data.special.unk = data.vocabulary.add("<unk>", TokenType::kUnknown);
  data.special.bos = data.vocabulary.add("<bos>", TokenType::kControl);
  if (byte_tokens) add_byte_tokens(data.vocabulary);
  add_tokens(input, data.vocabulary, only_normal);

  const auto tokenizer = make_plamo_tokenizer(std::move(data));
  check(*tokenizer, input.rest());
  if (only_normal && byte_tokens) {
    require(tokenizer->decode(tokenizer->encode(input.rest(), true, false)) == input.rest(),
            "decoding gives the text");
  }
}

constexpr auto kChecks =
    std::to_array({check_spm, check_unigram, check_wordpiece, check_bpe, check_rwkv, check_plamo});

}  // namespace
}  // namespace hearth::fuzzing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace hearth::fuzzing;
  Input input(bytes, size);
  kChecks[input.byte() % kChecks.size()](input);
  return 0;
}
