// Random vocabularies, charsmaps and texts for the unigram model. Input: a byte of settings, the length of
// the charsmap, the charsmap, then tokens and the text as in tokenizer_fuzzing.h.
#include "engine/text/spm_space.h"
#include "engine/text/tokenizer_fuzzing.h"
#include "engine/text/unigram_tokenizer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace hearth;
  fuzzing::Input input(bytes, size);
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
  if (byte_tokens) fuzzing::add_byte_tokens(data.vocabulary);
  fuzzing::add_tokens(input, data.vocabulary, only_normal);
  const bool keeps_text = only_normal && byte_tokens && charsmap.empty() && !data.remove_extra_whitespaces &&
                          fuzzing::is_valid_utf8(input.rest());

  const auto tokenizer = make_unigram_tokenizer(std::move(data));
  if (!tokenizer.ok()) return 0;
  fuzzing::check(**tokenizer, input.rest());
  if (keeps_text) {
    const std::string decoded = (*tokenizer)->decode((*tokenizer)->encode(input.rest(), true, false));
    fuzzing::require(decoded == without_spm_spaces(input.rest()), "decoding gives the text");
  }
  return 0;
}
