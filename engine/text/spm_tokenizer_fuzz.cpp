// Random vocabularies and texts for SentencePiece BPE. Input: see tokenizer_fuzzing.h.
#include "engine/text/spm_space.h"
#include "engine/text/spm_tokenizer.h"
#include "engine/text/tokenizer_fuzzing.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace hearth;
  fuzzing::Input input(bytes, size);
  const uint8_t settings = input.byte();
  const bool only_normal = input.flag(settings, 0);
  const bool byte_tokens = input.flag(settings, 1);

  TokenizerData data;
  data.special.unk = data.vocabulary.add("<unk>", TokenType::kUnknown);
  data.special.bos = data.vocabulary.add("<s>", TokenType::kControl);
  data.special.add_bos = true;
  data.add_space_prefix = input.flag(settings, 2);
  if (byte_tokens) fuzzing::add_byte_tokens(data.vocabulary);
  fuzzing::add_tokens(input, data.vocabulary, only_normal);
  if (input.flag(settings, 3)) {
    data.white_space_rules.resize(static_cast<size_t>(data.vocabulary.size()), {true, true});
  }
  const auto tokenizer = make_spm_tokenizer(std::move(data));

  fuzzing::check(*tokenizer, input.rest());
  if (only_normal && byte_tokens) {
    const std::string decoded = tokenizer->decode(tokenizer->encode(input.rest(), true, false));
    fuzzing::require(decoded == without_spm_spaces(input.rest()), "decoding gives the text");
  }
  return 0;
}
