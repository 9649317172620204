#include "engine/model/hugging_face/tokenizer_model.h"

#include <fmt/format.h>

#include <charconv>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "engine/base/byte_source.h"
#include "engine/format/sentence_piece.h"
#include "engine/model/hugging_face/word_rules.h"

namespace hearth {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

Error no_token_number(const JsonFile& file, std::string_view token) {
  return file.fault(fmt::format("the number of the token '{}' is none", token));
}

// { TEXT: NUMBER, ... }. The model has no row for those from `end` on, here and below.
Result<void> read_added_tokens(const JsonFile& file, uint32_t end, TokenTable& table) {
  for (const auto& [text, number] : file.object().items()) {
    if (!number.is_number_unsigned()) return no_token_number(file, text);
    if (number.get<uint64_t>() >= end) continue;
    table.put(number.get<uint64_t>(), text, TokenType::kUserDefined);
  }
  return {};
}

// { NUMBER: { "content": TEXT, "special": WHETHER }, ... }
Result<void> read_token_decoder(const JsonFile& file, uint32_t end, TokenTable& table) {
  for (const auto& [digits, token] : file.object().items()) {
    uint64_t number = 0;
    const char* const last = digits.data() + digits.size();
    const auto [stopped, problem] = std::from_chars(digits.data(), last, number);
    if (problem != std::errc() || stopped != last) return no_token_number(file, text_of(token, "content"));
    if (number >= end) continue;
    const bool is_piece = number < table.size() && table.type(number) != TokenType::kNormal;
    if (is_piece && table.text(number) == text_of(token, "content")) continue;
    table.put(number, text_of(token, "content"),
              flag_of(token, "special") ? TokenType::kControl : TokenType::kUserDefined);
  }
  return {};
}

void add_preparation(const SentencePieceModel& model, GgufWriter& writer) {
  writer.add_bool("tokenizer.ggml.add_space_prefix", model.adds_space);
  if (!model.is_unigram) return;
  writer.add_bool("tokenizer.ggml.remove_extra_whitespaces", model.joins_spaces);
  if (model.character_map.empty()) return;
  const GgufArray bytes{GgufType::kUint8, model.character_map.size(),
                        std::as_bytes(std::span(model.character_map))};
  writer.add("tokenizer.ggml.precompiled_charsmap", {GgufType::kArray, bytes});
}

}  // namespace

Result<TokenTable> add_tokenizer_model(const fs::path& folder, const JsonFile& tokenizer_config,
                                       uint32_t vocab_size, GgufWriter& writer) {
  HEARTH_ASSIGN(const auto source, map_file(folder / "tokenizer.model"));
  HEARTH_ASSIGN(const auto model, SentencePieceModel::parse(*source));
  TokenTable table;
  for (const SentencePiece& piece : model.pieces) {
    table.put(table.size(), piece.text, static_cast<TokenType>(piece.type), piece.score);
  }
  HEARTH_ASSIGN(const JsonFile added, JsonFile::read_if_there(folder / "added_tokens.json"));
  HEARTH_TRY(read_added_tokens(added, vocab_size, table));
  HEARTH_TRY(
      read_token_decoder(JsonFile::member(tokenizer_config, "added_tokens_decoder"), vocab_size, table));
  if (table.size() > vocab_size) {
    return Error{ErrorCode::kInvalidModel,
                 fmt::format("{}: has {} tokens, and config.json's vocab_size is {}", source->name(),
                             table.size(), vocab_size)};
  }
  table.fill_up(vocab_size);
  writer.add_string("tokenizer.ggml.model", model.is_unigram ? "t5" : "llama");
  writer.add_string("tokenizer.ggml.pre", "default");
  table.write(writer, true);
  add_preparation(model, writer);
  return table;
}

}  // namespace hearth
