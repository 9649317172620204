#include "engine/text/tokenizer_data.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "engine/format/gguf.h"
#include "engine/format/quoted.h"
#include "engine/text/end_tokens.h"
#include "engine/text/infill_tokens.h"

namespace hearth {
namespace {

constexpr std::string_view kTokens = "tokenizer.ggml.tokens";
constexpr std::string_view kScores = "tokenizer.ggml.scores";
constexpr std::string_view kTokenTypes = "tokenizer.ggml.token_type";
constexpr std::string_view kMerges = "tokenizer.ggml.merges";
constexpr std::string_view kSuppressed = "tokenizer.ggml.suppress_tokens";
constexpr std::string_view kCharsmap = "tokenizer.ggml.precompiled_charsmap";

/// "No token", as some writers put it: -1 in 32 bits.
constexpr uint64_t kWrittenNoToken = 0xFFFFFFFF;

template <typename... Args>
Error fault(const Gguf& gguf, std::string_view key, fmt::format_string<Args...> format, Args&&... args) {
  return {ErrorCode::kInvalidModel, fmt::format("{}: key '{}': {}", gguf.source().name(), key,
                                                fmt::format(format, std::forward<Args>(args)...))};
}

Result<void> require_strings(const Gguf& gguf, std::string_view key, const GgufArray& array) {
  if (array.type == GgufType::kString) return {};
  return fault(gguf, key, "holds elements of type {}, not string", gguf_type_name(array.type));
}

/// The numbers of an optional array with one element for each token; empty where there is none.
template <typename T>
Result<std::vector<T>> read_per_token(const Gguf& gguf, std::string_view key, uint64_t tokens) {
  HEARTH_ASSIGN(const auto array, gguf.array(key));
  if (!array) return std::vector<T>{};
  if (array->type == GgufType::kString || array->type == GgufType::kArray) {
    return fault(gguf, key, "holds elements of type {}, not numbers", gguf_type_name(array->type));
  }
  if (array->count != tokens) {
    return fault(gguf, key, "has {} elements for {} tokens", array->count, tokens);
  }
  return array->template numbers<T>();
}

Result<Vocabulary> read_vocabulary(const Gguf& gguf) {
  HEARTH_ASSIGN(const GgufArray tokens, gguf.require_array(kTokens));
  HEARTH_TRY(require_strings(gguf, kTokens, tokens));
  if (tokens.count == 0) return fault(gguf, kTokens, "is empty");
  if (tokens.bytes.size() > UINT32_MAX) {
    return fault(gguf, kTokens, "is {} bytes long; a vocabulary has less than 4 GiB", tokens.bytes.size());
  }
  HEARTH_ASSIGN(const std::vector<float> scores, read_per_token<float>(gguf, kScores, tokens.count));
  HEARTH_ASSIGN(const std::vector<int32_t> types, read_per_token<int32_t>(gguf, kTokenTypes, tokens.count));

  Vocabulary vocabulary;
  vocabulary.reserve(tokens.count, tokens.bytes.size() - tokens.count * sizeof(uint64_t));
  for (const std::string_view text : tokens.strings()) {
    const auto token = static_cast<size_t>(vocabulary.size());
    if (text.size() > Vocabulary::kMaxTokenBytes) {
      return fault(gguf, kTokens, "token {} is {} bytes long; at most {} are allowed", token, text.size(),
                   Vocabulary::kMaxTokenBytes);
    }
    const float score = scores.empty() ? 0.0F : scores[token];
    if (!std::isfinite(score)) return fault(gguf, kScores, "the score of token {} is {}", token, score);
    const int32_t type = types.empty() ? static_cast<int32_t>(TokenType::kNormal) : types[token];
    if (type < 0 || type > static_cast<int32_t>(TokenType::kByte)) {
      return fault(gguf, kTokenTypes, "token {} has the unknown type {}", token, type);
    }
    vocabulary.add(text, static_cast<TokenType>(type), score);
    const TokenId first = text.empty() ? kNoToken : vocabulary.find(text);
    if (first != kNoToken && first != static_cast<TokenId>(token)) {
      return fault(gguf, kTokens, "tokens {} and {} are both {}", first, token, quoted(text));
    }
  }
  return vocabulary;
}

/// The token named by `key`; `otherwise`, if it is in the vocabulary, where there is no such key.
Result<TokenId> read_token(const Gguf& gguf, std::string_view key, const Vocabulary& vocabulary,
                           TokenId otherwise) {
  HEARTH_ASSIGN(const std::optional<uint64_t> token, gguf.integer(key));
  if (!token) return vocabulary.contains(otherwise) ? otherwise : kNoToken;
  if (*token == kWrittenNoToken) return kNoToken;
  if (*token >= static_cast<uint64_t>(vocabulary.size())) {
    return fault(gguf, key, "is {}, but the vocabulary has {} tokens", *token, vocabulary.size());
  }
  return static_cast<TokenId>(*token);
}

Result<SpecialTokens> read_special_tokens(const Gguf& gguf, const Vocabulary& vocabulary,
                                          const SpecialTokens& defaults) {
  SpecialTokens special = defaults;
  const auto read = [&](TokenId& token, std::string_view key) -> Result<void> {
    HEARTH_ASSIGN(token, read_token(gguf, key, vocabulary, token));
    return {};
  };
  HEARTH_TRY(read(special.sep, "tokenizer.ggml.seperator_token_id"));  // so misspelled in the specification
  HEARTH_TRY(read(special.bos, "tokenizer.ggml.cls_token_id"));        // BERT's name for it
  HEARTH_TRY(read(special.bos, "tokenizer.ggml.bos_token_id"));
  HEARTH_TRY(read(special.eos, "tokenizer.ggml.eos_token_id"));
  HEARTH_TRY(read(special.eot, "tokenizer.ggml.eot_token_id"));
  HEARTH_TRY(read(special.unk, "tokenizer.ggml.unknown_token_id"));
  // No text has it: some files number it behind their vocabulary, and are fine but for that.
  const auto pad = read_token(gguf, "tokenizer.ggml.padding_token_id", vocabulary, special.pad);
  special.pad = pad.ok() ? *pad : kNoToken;
  HEARTH_TRY(read(special.mask, "tokenizer.ggml.mask_token_id"));

  if (special.eos == kNoToken) special.eos = special.sep;  // a text of BERT's ends with its separator

  HEARTH_ASSIGN(const auto add_bos, gguf.boolean("tokenizer.ggml.add_bos_token"));
  HEARTH_ASSIGN(const auto add_eos, gguf.boolean("tokenizer.ggml.add_eos_token"));
  // What only a default asks for is not added where there is no such token.
  special.add_bos = add_bos.value_or(special.add_bos && special.bos != kNoToken);
  special.add_eos = add_eos.value_or(special.add_eos && special.eos != kNoToken);
  if (special.add_bos && special.bos == kNoToken) {
    return fault(gguf, "tokenizer.ggml.bos_token_id", "names no token, yet every text begins with it");
  }
  if (special.add_eos && special.eos == kNoToken) {
    return fault(gguf, "tokenizer.ggml.eos_token_id", "names no token, yet every text ends with it");
  }
  return special;
}

/// `tokenizer.ggml.suppress_tokens`; numbers behind the vocabulary are left out.
Result<std::vector<TokenId>> read_suppressed(const Gguf& gguf, const Vocabulary& vocabulary) {
  HEARTH_ASSIGN(const auto array, gguf.array(kSuppressed));
  if (!array) return std::vector<TokenId>{};
  if (array->type == GgufType::kString || array->type == GgufType::kArray) {
    return fault(gguf, kSuppressed, "holds elements of type {}, not numbers", gguf_type_name(array->type));
  }
  std::vector<TokenId> tokens = array->numbers<TokenId>();
  std::erase_if(tokens, [&](TokenId token) { return !vocabulary.contains(token); });
  return tokens;
}

/// Those that the file names: most name none, older ones by other keys. A number that stands for no token is
/// none.
InfillTokens read_infill_tokens(const Gguf& gguf, const Vocabulary& vocabulary) {
  InfillTokens tokens;
  const auto read = [&](TokenId& token, std::string_view name) {
    const auto number = gguf.integer(fmt::format("tokenizer.ggml.{}_token_id", name));
    if (token != kNoToken || !number.ok() || !*number) return;
    if (**number < static_cast<uint64_t>(vocabulary.size())) token = static_cast<TokenId>(**number);
  };
  read(tokens.prefix, "fim_pre");
  read(tokens.prefix, "prefix");
  read(tokens.suffix, "fim_suf");
  read(tokens.suffix, "suffix");
  read(tokens.middle, "fim_mid");
  read(tokens.middle, "middle");
  read(tokens.pad, "fim_pad");
  read(tokens.repository, "fim_rep");
  read(tokens.file_separator, "fim_sep");
  return tokens;
}

/// Which special tokens take the white space beside them. GGUF does not record it, so it goes by the model's
/// architecture and name: Phi-3's tokens take what follows, the mask of some BERT descendants takes what
/// precedes.
Result<std::vector<WhiteSpaceRule>> white_space_rules(const Gguf& gguf, std::string_view pre,
                                                      const Vocabulary& vocabulary) {
  HEARTH_ASSIGN(const auto written_name, gguf.string("general.name"));
  std::string name(written_name.value_or(""));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const auto named = [](std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
  };

  HEARTH_ASSIGN(const auto written_architecture, gguf.string("general.architecture"));
  const std::string_view architecture = written_architecture.value_or("");

  std::vector<WhiteSpaceRule> rules;
  if (named(architecture, "nomic-bert-moe") || named(architecture, "jina-bert-v3") ||
      named(pre, "jina-v2-de") || named(pre, "jina-v2-es") || named(pre, "jina-v2-code") ||
      named(name, "modern-bert")) {
    rules.resize(static_cast<size_t>(vocabulary.size()));
    for (const std::string_view mask : {"<mask>", "[MASK]"}) {
      if (const TokenId token = vocabulary.find(mask); token != kNoToken) rules[token].strip_before = true;
    }
  } else if (named(name, "phi-3") || named(name, "phi3")) {
    rules.resize(static_cast<size_t>(vocabulary.size()), WhiteSpaceRule{false, true});
    for (const std::string_view exception : {"<unk>", "<s>", "<|endoftext|>"}) {
      if (const TokenId token = vocabulary.find(exception); token != kNoToken) rules[token] = {};
    }
  }
  return rules;
}

}  // namespace

Result<TokenizerData> read_tokenizer_data(const Gguf& gguf, const TokenizerDefaults& defaults) {
  TokenizerData data;
  HEARTH_ASSIGN(data.vocabulary, read_vocabulary(gguf));
  HEARTH_ASSIGN(data.special, read_special_tokens(gguf, data.vocabulary, defaults.special));
  HEARTH_ASSIGN(const auto pre, gguf.string("tokenizer.ggml.pre"));
  if (pre) data.pre = *pre;
  HEARTH_ASSIGN(data.white_space_rules, white_space_rules(gguf, data.pre, data.vocabulary));
  HEARTH_ASSIGN(const TokenId end_of_message,
                read_token(gguf, "tokenizer.ggml.eom_token_id", data.vocabulary, kNoToken));
  const InfillTokens infill = read_infill_tokens(gguf, data.vocabulary);
  const std::array also{end_of_message, infill.pad, infill.repository, infill.file_separator};
  data.end_tokens = find_end_tokens(data.vocabulary, data.special, also);
  data.special.infill = find_infill_tokens(data.vocabulary, infill);
  HEARTH_ASSIGN(data.suppressed, read_suppressed(gguf, data.vocabulary));

  HEARTH_ASSIGN(const auto merges, gguf.array(kMerges));
  if (merges) {
    HEARTH_TRY(require_strings(gguf, kMerges, *merges));
    data.merges = merges->strings();
  }
  HEARTH_ASSIGN(const auto charsmap, gguf.array(kCharsmap));
  if (charsmap) {
    if (charsmap->type != GgufType::kInt8 && charsmap->type != GgufType::kUint8) {
      return fault(gguf, kCharsmap, "holds elements of type {}, not bytes", gguf_type_name(charsmap->type));
    }
    const auto* bytes = reinterpret_cast<const uint8_t*>(charsmap->bytes.data());
    data.charsmap.assign(bytes, bytes + charsmap->count);
  }

  HEARTH_ASSIGN(const auto add_space_prefix, gguf.boolean("tokenizer.ggml.add_space_prefix"));
  data.add_space_prefix = add_space_prefix.value_or(defaults.add_space_prefix);
  HEARTH_ASSIGN(const auto remove_extra, gguf.boolean("tokenizer.ggml.remove_extra_whitespaces"));
  data.remove_extra_whitespaces = remove_extra.value_or(false);
  HEARTH_ASSIGN(const auto lowercase, gguf.boolean("tokenizer.ggml.normalizer.lowercase"));
  data.lowercase = lowercase.value_or(defaults.lowercase);
  HEARTH_ASSIGN(const auto strip_accents, gguf.boolean("tokenizer.ggml.normalizer.strip_accents"));
  data.strip_accents = strip_accents.value_or(data.lowercase);
  return data;
}

}  // namespace hearth
