#include "engine/model/hugging_face/tokenizer.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "engine/base/byte_source.h"
#include "engine/model/hugging_face/tokenizer_json.h"
#include "engine/model/hugging_face/tokenizer_model.h"
#include "engine/model/hugging_face/word_rules.h"

namespace hearth {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// A text, or an object with its content.
std::string token_text(const JsonFile& file, const char* key) {
  const Json* value = file.find(key);
  if (value == nullptr) return "";
  return value->is_string() ? value->get<std::string>() : text_of(*value, "content");
}

// By its text in tokenizer_config.json, or its number in config.json.
std::optional<uint32_t> special_token(const JsonFile& tokenizer_config, const JsonFile& config,
                                      const TokenTable& table, const char* key) {
  if (const auto number = table.find(token_text(tokenizer_config, key))) return number;
  const Json* number = config.find(std::string(key) + "_id");
  if (number != nullptr && number->is_array() && !number->empty()) number = &number->front();
  const bool is_known =
      number != nullptr && number->is_number_unsigned() && number->get<uint64_t>() < table.size();
  return is_known ? std::optional(number->get<uint32_t>()) : std::nullopt;
}

void add_special_tokens(const JsonFile& tokenizer_config, const JsonFile& config, const TokenTable& table,
                        GgufWriter& writer) {
  for (const auto& [name, key] : {std::pair{"bos", "bos_token"},
                                  {"eos", "eos_token"},
                                  {"unknown", "unk_token"},
                                  {"padding", "pad_token"},
                                  {"cls", "cls_token"},
                                  {"seperator", "sep_token"},  // so misspelt in the format
                                  {"mask", "mask_token"}}) {
    const auto number = special_token(tokenizer_config, config, table, key);
    if (number) writer.add_uint32(fmt::format("tokenizer.ggml.{}_token_id", name), *number);
  }
}

// Whether a text gets a token before it, or behind: as is said, or as its template shows.
void add_what_surrounds_texts(const JsonFile& tokenizer_config, const JsonFile& tokenizer,
                              GgufWriter& writer) {
  std::optional<bool> begins, ends;
  for (const Json& step : steps_of(tokenizer.find("post_processor"), "processors")) {
    const std::string type = text_of(step, "type");
    if (type == "BertProcessing" || type == "RobertaProcessing") begins = ends = true;
    const auto single = type == "TemplateProcessing" ? step.find("single") : step.end();
    if (single == step.end() || !single->is_array() || single->empty()) continue;
    begins = single->front().contains("SpecialToken");
    ends = single->back().contains("SpecialToken");
  }
  for (const auto& [which, shown] : {std::pair{"bos", begins}, {"eos", ends}}) {
    const Json* said = tokenizer_config.find(fmt::format("add_{}_token", which));
    const bool is_said = said != nullptr && said->is_boolean();
    if (!is_said && !shown) continue;
    writer.add_bool(fmt::format("tokenizer.ggml.add_{}_token", which), is_said ? said->get<bool>() : *shown);
  }
}

Result<void> add_chat_template(const fs::path& folder, const JsonFile& tokenizer_config, GgufWriter& writer) {
  const fs::path path = folder / "chat_template.jinja";
  std::error_code ignored;
  if (fs::exists(path, ignored)) {
    HEARTH_ASSIGN(const auto source, map_file(path));
    const auto bytes = source->mapped();
    writer.add_string("tokenizer.chat_template", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    return {};
  }
  const Json* value = tokenizer_config.find("chat_template");
  if (value != nullptr && value->is_string()) {
    writer.add_string("tokenizer.chat_template", value->get_ref<const std::string&>());
  }
  return {};
}

}  // namespace

Result<void> add_tokenizer(const fs::path& folder, const JsonFile& config, uint32_t vocab_size,
                           GgufWriter& writer) {
  HEARTH_ASSIGN(const JsonFile tokenizer_config, JsonFile::read_if_there(folder / "tokenizer_config.json"));
  std::error_code ignored;
  const bool has_model = fs::exists(folder / "tokenizer.model", ignored);
  const fs::path json = folder / "tokenizer.json";
  JsonFile tokenizer;
  TokenTable table;
  if (has_model && !fs::exists(json, ignored)) {
    HEARTH_ASSIGN(table, add_tokenizer_model(folder, tokenizer_config, vocab_size, writer));
  } else {
    HEARTH_ASSIGN(tokenizer, JsonFile::read(json));
    HEARTH_ASSIGN(table, add_tokenizer_json(tokenizer, vocab_size, writer));
  }
  add_special_tokens(tokenizer_config, config, table, writer);
  add_what_surrounds_texts(tokenizer_config, tokenizer, writer);
  return add_chat_template(folder, tokenizer_config, writer);
}

}  // namespace hearth
