// Random vocabularies and texts for WordPiece. Input: see tokenizer_fuzzing.h.
#include "engine/text/tokenizer_fuzzing.h"
#include "engine/text/wordpiece_tokenizer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace hearth;
  fuzzing::Input input(bytes, size);
  const uint8_t settings = input.byte();

  TokenizerData data;
  data.special.unk = data.vocabulary.add("[UNK]", TokenType::kControl);
  data.special.bos = data.vocabulary.add("[CLS]", TokenType::kControl);
  data.special.eos = data.vocabulary.add("[SEP]", TokenType::kControl);
  data.special.add_bos = data.special.add_eos = true;
  data.lowercase = input.flag(settings, 0);
  data.strip_accents = input.flag(settings, 1);
  fuzzing::add_tokens(input, data.vocabulary, input.flag(settings, 2));
  fuzzing::check(*make_wordpiece_tokenizer(std::move(data)), input.rest());
  return 0;
}
