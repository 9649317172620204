#include "engine/model/hugging_face/tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/base/byte_source.h"
#include "engine/text/vocabulary.h"

namespace hearth {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr uint64_t kMostTokens = 1 << 22;

// The expression that cuts words, as a tokenizer.json has it, and GGUF's name for it.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kWordRules = {{
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     "llama-bpe"},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     "qwen2"},
    {R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     "tekken"},
}};

std::string text_of(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

bool flag_of(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

// The steps of a "Sequence", or the single step.
std::vector<Json> steps_of(const Json* whole, const char* list) {
  if (whole == nullptr) return {};
  const auto found = whole->is_object() ? whole->find(list) : whole->end();
  if (found != whole->end() && found->is_array()) return {found->begin(), found->end()};
  return {*whole};
}

struct TokenTable {
  std::vector<std::string> texts;
  std::vector<int32_t> types;
  std::vector<float> scores;
};

class TokenizerConversion {
 public:
  TokenizerConversion(JsonFile file, uint32_t vocab_size) : file_(std::move(file)), vocab_size_(vocab_size) {}

  Result<void> add(GgufWriter& writer) {
    const Json* model = file_.find("model");
    if (model == nullptr || text_of(*model, "type") != "BPE") {
      return unsupported(
          fmt::format("is of the kind '{}'; only BPE is read", model ? text_of(*model, "type") : ""));
    }
    model_ = model;
    falls_back_to_bytes_ = flag_of(*model, "byte_fallback");
    HEARTH_TRY(read_tokens());
    HEARTH_TRY(read_merges());
    if (falls_back_to_bytes_) {
      add_sentence_piece(writer);
    } else {
      HEARTH_TRY(add_byte_level(writer));
    }
    writer.add_strings("tokenizer.ggml.tokens", table_.texts);
    writer.add_int32s("tokenizer.ggml.token_type", table_.types);
    return {};
  }

  // -1 where there is none.
  int64_t id_of(const std::string& text) const {
    const auto found = ids_.find(text);
    return found == ids_.end() ? -1 : static_cast<int64_t>(found->second);
  }

 private:
  Error unsupported(const std::string& what) const {
    return {ErrorCode::kUnsupportedModel, fmt::format("{}: {}", file_.name(), what)};
  }

  Result<void> put(const std::string& text, const Json& id, TokenType type) {
    if (!id.is_number_unsigned() || id.get<uint64_t>() >= kMostTokens) {
      return file_.fault(fmt::format("the id of the token '{}' is no number below {}", text, kMostTokens));
    }
    const auto at = id.get<size_t>();
    if (at >= table_.texts.size()) {
      table_.texts.resize(at + 1);
      table_.types.resize(at + 1, static_cast<int32_t>(TokenType::kUndefined));
    }
    table_.texts[at] = text;
    table_.types[at] = static_cast<int32_t>(type);
    ids_[text] = at;
    return {};
  }

  Result<void> read_tokens() {
    const auto vocab = model_->find("vocab");
    if (vocab == model_->end() || !vocab->is_object()) return file_.fault("key 'model.vocab' is no object");
    for (const auto& [text, id] : vocab->items()) HEARTH_TRY(put(text, id, type_of(text)));
    const Json* added = file_.find("added_tokens");
    if (added != nullptr && !added->is_array()) return file_.fault("key 'added_tokens' is no list");
    for (const Json& token : added != nullptr ? *added : Json::array()) {
      const std::string text = text_of(token, "content");
      const auto id = token.is_object() ? token.find("id") : token.end();
      if (id == token.end() || text.empty())
        return file_.fault("a token of 'added_tokens' has no id or content");
      const bool unknown = falls_back_to_bytes_ && text == text_of(*model_, "unk_token");
      const TokenType type = flag_of(token, "special") ? TokenType::kControl : TokenType::kUserDefined;
      HEARTH_TRY(put(text, *id, unknown ? TokenType::kUnknown : type));
    }
    if (table_.texts.size() > vocab_size_) {
      return file_.fault(
          fmt::format("has {} tokens, and config.json's vocab_size is {}", table_.texts.size(), vocab_size_));
    }
    table_.texts.resize(vocab_size_);
    table_.types.resize(vocab_size_, static_cast<int32_t>(TokenType::kUndefined));
    for (size_t id = 0; id < table_.texts.size(); ++id) {  // numbers that no token has
      if (table_.types[id] != static_cast<int32_t>(TokenType::kUndefined)) continue;
      table_.texts[id] = fmt::format("[PAD{}]", id);
      table_.types[id] = static_cast<int32_t>(TokenType::kUnused);
    }
    return {};
  }

  TokenType type_of(const std::string& text) const {
    const bool is_byte = text.size() == 6 && text.starts_with("<0x") && text.back() == '>';
    return falls_back_to_bytes_ && is_byte ? TokenType::kByte : TokenType::kNormal;
  }

  // "left right", or in newer files ["left", "right"].
  Result<void> read_merges() {
    const auto merges = model_->find("merges");
    if (merges == model_->end() || !merges->is_array()) return file_.fault("key 'model.merges' is no list");
    for (const Json& merge : *merges) {
      if (merge.is_string()) {
        merges_.push_back(merge.get<std::string>());
      } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
        merges_.push_back(merge[0].get<std::string>() + " " + merge[1].get<std::string>());
      } else {
        return file_.fault(fmt::format("entry {} of 'model.merges' is no pair of texts", merges_.size()));
      }
      if (std::count(merges_.back().begin(), merges_.back().end(), ' ') != 1) {
        return unsupported(
            fmt::format("entry {} of 'model.merges' has a space in a token", merges_.size() - 1));
      }
    }
    return {};
  }

  Result<void> add_byte_level(GgufWriter& writer) const {
    HEARTH_ASSIGN(const std::string_view rules, word_rules());
    writer.add_string("tokenizer.ggml.model", "gpt2");
    writer.add_string("tokenizer.ggml.pre", rules);
    writer.add_strings("tokenizer.ggml.merges", merges_);
    return {};
  }

  // By the rules themselves, not by a model's name.
  Result<std::string_view> word_rules() const {
    bool has_digits = false;
    for (const Json& step : steps_of(file_.find("pre_tokenizer"), "pretokenizers")) {
      const std::string type = text_of(step, "type");
      if (type == "Split") {
        const auto pattern = step.find("pattern");
        const std::string expression = pattern == step.end() ? "" : text_of(*pattern, "Regex");
        for (const auto& [known, name] : kWordRules) {
          if (expression == known) return name;
        }
        return unsupported(fmt::format("its rule '{}' for cutting words is none that is known", expression));
      }
      has_digits = has_digits || (type == "Digits" && flag_of(step, "individual_digits"));
      if (type == "ByteLevel") return std::string_view(has_digits ? "starcoder" : "gpt-2");
    }
    return unsupported("key 'pre_tokenizer' has no rule for cutting words");
  }

  // SentencePiece joins the pair whose token has the highest score first: that of the earliest merge.
  void add_sentence_piece(GgufWriter& writer) {
    table_.scores.assign(table_.texts.size(), 0.0F);
    for (size_t rank = merges_.size(); rank-- > 0;) {
      std::string joined = merges_[rank];
      joined.erase(joined.find(' '), 1);
      if (const int64_t id = id_of(joined); id >= 0)
        table_.scores[static_cast<size_t>(id)] = -static_cast<float>(rank);
    }
    writer.add_string("tokenizer.ggml.model", "llama");
    writer.add_float32s("tokenizer.ggml.scores", table_.scores);
    writer.add_bool("tokenizer.ggml.add_space_prefix", begins_with_space());
  }

  bool begins_with_space() const {
    for (const Json& step : steps_of(file_.find("normalizer"), "normalizers")) {
      if (text_of(step, "type") == "Prepend") return true;
    }
    for (const Json& step : steps_of(file_.find("pre_tokenizer"), "pretokenizers")) {
      if (text_of(step, "type") == "Metaspace") return text_of(step, "prepend_scheme") != "never";
    }
    return false;
  }

  JsonFile file_;
  uint32_t vocab_size_;
  const Json* model_ = nullptr;
  bool falls_back_to_bytes_ = false;
  TokenTable table_;
  std::map<std::string, size_t> ids_;
  std::vector<std::string> merges_;
};

// A text, or an object with its content.
std::string token_text(const JsonFile& file, const char* key) {
  const Json* value = file.find(key);
  if (value == nullptr) return "";
  return value->is_string() ? value->get<std::string>() : text_of(*value, "content");
}

void add_special_tokens(const JsonFile& tokenizer_config, const JsonFile& config,
                        const TokenizerConversion& conversion, GgufWriter& writer) {
  for (const auto& [name, key] : {std::pair{"bos", "bos_token"},
                                  {"eos", "eos_token"},
                                  {"unknown", "unk_token"},
                                  {"padding", "pad_token"}}) {
    int64_t id = conversion.id_of(token_text(tokenizer_config, key));
    const Json* number = config.find(std::string(key) + "_id");
    if (number != nullptr && number->is_array() && !number->empty()) number = &number->front();
    if (id < 0 && number != nullptr && number->is_number_unsigned() &&
        number->get<uint64_t>() < kMostTokens) {
      id = number->get<int64_t>();
    }
    if (id >= 0)
      writer.add_uint32(fmt::format("tokenizer.ggml.{}_token_id", name), static_cast<uint32_t>(id));
  }
  for (const char* which : {"bos", "eos"}) {
    const Json* add = tokenizer_config.find(fmt::format("add_{}_token", which));
    if (add != nullptr && add->is_boolean()) {
      writer.add_bool(fmt::format("tokenizer.ggml.add_{}_token", which), add->get<bool>());
    }
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
  HEARTH_ASSIGN(JsonFile file, JsonFile::read(folder / "tokenizer.json"));
  HEARTH_ASSIGN(const JsonFile tokenizer_config, JsonFile::read_if_there(folder / "tokenizer_config.json"));
  TokenizerConversion conversion(std::move(file), vocab_size);
  HEARTH_TRY(conversion.add(writer));
  add_special_tokens(tokenizer_config, config, conversion, writer);
  return add_chat_template(folder, tokenizer_config, writer);
}

}  // namespace hearth
