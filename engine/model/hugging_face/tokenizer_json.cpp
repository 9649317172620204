#include "engine/model/hugging_face/tokenizer_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/model/hugging_face/base64.h"
#include "engine/model/hugging_face/word_rules.h"

namespace hearth {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kSpace = "\xE2\x96\x81";  // as SentencePiece writes it

class TokenizerJson {
 public:
  TokenizerJson(const JsonFile& file, const Json& model, uint32_t vocab_size)
      : file_(file), model_(model), vocab_size_(vocab_size) {}

  Result<TokenTable> add(GgufWriter& writer) {
    const std::string kind = text_of(model_, "type");
    if (kind == "BPE") {
      HEARTH_TRY(add_bpe(writer));
    } else if (kind == "WordPiece") {
      HEARTH_TRY(add_word_pieces(writer));
    } else if (kind == "Unigram") {
      HEARTH_TRY(add_unigrams(writer));
    } else {
      return unsupported(fmt::format("is of the kind '{}'; BPE, WordPiece and Unigram are read", kind));
    }
    return std::move(table_);
  }

 private:
  Error unsupported(const std::string& what) const {
    return {ErrorCode::kUnsupportedModel, fmt::format("{}: {}", file_.name(), what)};
  }

  Result<void> put(const std::string& text, const Json& id, TokenType type) {
    if (!id.is_number_unsigned() || id.get<uint64_t>() >= TokenTable::kMostTokens) {
      return file_.fault(
          fmt::format("the id of the token '{}' is no number below {}", text, TokenTable::kMostTokens));
    }
    table_.put(id.get<uint64_t>(), text, type);
    return {};
  }

  Result<void> read_vocabulary() {
    const auto vocab = model_.find("vocab");
    if (vocab == model_.end() || !vocab->is_object()) return file_.fault("key 'model.vocab' is no object");
    for (const auto& [text, id] : vocab->items()) HEARTH_TRY(put(text, id, type_of(text)));
    return {};
  }

  TokenType type_of(const std::string& text) const {
    const bool is_byte = text.size() == 6 && text.starts_with("<0x") && text.back() == '>';
    return is_byte && flag_of(model_, "byte_fallback") ? TokenType::kByte : TokenType::kNormal;
  }

  /// `unknown` stands for what is not in the vocabulary; "" where nothing does.
  Result<void> read_added_tokens(const std::string& unknown) {
    const Json* added = file_.find("added_tokens");
    if (added != nullptr && !added->is_array()) return file_.fault("key 'added_tokens' is no list");
    for (const Json& token : added != nullptr ? *added : Json::array()) {
      const std::string text = text_of(token, "content");
      const auto id = token.is_object() ? token.find("id") : token.end();
      if (id == token.end() || text.empty())
        return file_.fault("a token of 'added_tokens' has no id or content");
      // The model has no row for it: what others of its family read, it cannot.
      if (id->is_number_unsigned() && id->get<uint64_t>() >= vocab_size_) continue;
      const TokenType type = flag_of(token, "special") ? TokenType::kControl : TokenType::kUserDefined;
      HEARTH_TRY(put(text, *id, text == unknown ? TokenType::kUnknown : type));
    }
    if (table_.size() > vocab_size_) {
      return file_.fault(
          fmt::format("has {} tokens, and config.json's vocab_size is {}", table_.size(), vocab_size_));
    }
    table_.fill_up(vocab_size_);
    return {};
  }

  Result<void> add_bpe(GgufWriter& writer) {
    const bool has_pieces = flag_of(model_, "byte_fallback");
    HEARTH_TRY(read_vocabulary());
    HEARTH_TRY(read_added_tokens(has_pieces ? text_of(model_, "unk_token") : ""));
    HEARTH_ASSIGN(const std::vector<std::string> merges, read_merges());
    if (has_pieces) {
      add_sentence_pieces(merges, writer);
      return {};
    }
    HEARTH_ASSIGN(const std::string_view rules, word_rules(file_));
    writer.add_string("tokenizer.ggml.model", "gpt2");
    writer.add_string("tokenizer.ggml.pre", rules);
    writer.add_strings("tokenizer.ggml.merges", merges);
    table_.write(writer, false);
    return {};
  }

  // "left right", or in newer files ["left", "right"].
  Result<std::vector<std::string>> read_merges() const {
    const auto list = model_.find("merges");
    if (list == model_.end() || !list->is_array()) return file_.fault("key 'model.merges' is no list");
    std::vector<std::string> merges;
    for (const Json& merge : *list) {
      if (merge.is_string()) {
        merges.push_back(merge.get<std::string>());
      } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
        merges.push_back(merge[0].get<std::string>() + " " + merge[1].get<std::string>());
      } else {
        return file_.fault(fmt::format("entry {} of 'model.merges' is no pair of texts", merges.size()));
      }
      if (std::count(merges.back().begin(), merges.back().end(), ' ') != 1) {
        return unsupported(
            fmt::format("entry {} of 'model.merges' has a space in a token", merges.size() - 1));
      }
    }
    return merges;
  }

  // SentencePiece joins the pair whose token has the highest score first: that of the earliest merge.
  void add_sentence_pieces(const std::vector<std::string>& merges, GgufWriter& writer) {
    for (size_t rank = merges.size(); rank-- > 0;) {
      std::string joined = merges[rank];
      joined.erase(joined.find(' '), 1);
      if (const auto number = table_.find(joined)) table_.set_score(*number, -static_cast<float>(rank));
    }
    writer.add_string("tokenizer.ggml.model", "llama");
    table_.write(writer, true);
    writer.add_bool("tokenizer.ggml.add_space_prefix", begins_with_space());
  }

  // WordPiece marks what goes on a word; GGUF marks what begins one.
  Result<void> add_word_pieces(GgufWriter& writer) {
    HEARTH_TRY(read_vocabulary());
    HEARTH_TRY(read_added_tokens(text_of(model_, "unk_token")));
    const std::string prefix = text_of(model_, "continuing_subword_prefix");
    for (size_t number = 0; number < table_.size(); ++number) {
      if (table_.type(number) != TokenType::kNormal) continue;
      const std::string& text = table_.text(number);
      const bool goes_on = !prefix.empty() && text.starts_with(prefix);
      table_.respell(number, goes_on ? text.substr(prefix.size()) : std::string(kSpace) + text);
    }
    writer.add_string("tokenizer.ggml.model", "bert");
    table_.write(writer, false);
    const JsonFile normalizer = JsonFile::member(file_, "normalizer");
    for (const char* flag : {"lowercase", "strip_accents"}) {
      if (normalizer.find(flag) == nullptr) continue;
      HEARTH_ASSIGN(const bool is_on, normalizer.boolean(flag, false));
      writer.add_bool(fmt::format("tokenizer.ggml.normalizer.{}", flag), is_on);
    }
    return {};
  }

  Result<void> add_unigrams(GgufWriter& writer) {
    const auto vocab = model_.find("vocab");
    if (vocab == model_.end() || !vocab->is_array() || vocab->size() >= TokenTable::kMostTokens) {
      return file_.fault("key 'model.vocab' is no list of texts with scores");
    }
    for (const Json& piece : *vocab) {
      const bool is_pair =
          piece.is_array() && piece.size() == 2 && piece[0].is_string() && piece[1].is_number();
      if (!is_pair || !std::isfinite(piece[1].get<float>())) {
        return file_.fault(fmt::format("entry {} of 'model.vocab' is no text with a score", table_.size()));
      }
      table_.put(table_.size(), piece[0].get<std::string>(), TokenType::kNormal, piece[1].get<float>());
    }
    const JsonFile model = JsonFile::member(file_, "model");
    HEARTH_ASSIGN(const uint32_t unknown, model.integer("unk_id", TokenTable::kMostTokens));
    HEARTH_TRY(read_added_tokens(unknown < table_.size() ? table_.text(unknown) : ""));
    writer.add_string("tokenizer.ggml.model", "t5");
    writer.add_string("tokenizer.ggml.pre", "default");
    table_.write(writer, true);
    writer.add_bool("tokenizer.ggml.add_space_prefix", begins_with_space());
    return add_normalization(writer);
  }

  // SentencePiece's own: a map of characters, and white space of which no more than one is left.
  Result<void> add_normalization(GgufWriter& writer) const {
    bool joins_spaces = false;
    for (const Json& step : steps_of(file_.find("pre_tokenizer"), "pretokenizers")) {
      joins_spaces = joins_spaces || text_of(step, "type") == "WhitespaceSplit";
    }
    for (const Json& step : steps_of(file_.find("normalizer"), "normalizers")) {
      const std::string type = text_of(step, "type");
      if (type == "Precompiled") {
        const auto map = decode_base64(text_of(step, "precompiled_charsmap"));
        if (!map) return file_.fault("key 'precompiled_charsmap' is no base64");
        const GgufArray bytes{GgufType::kUint8, map->size(), std::as_bytes(std::span(*map))};
        writer.add("tokenizer.ggml.precompiled_charsmap", {GgufType::kArray, bytes});
      } else if (type == "Replace" && step.contains("pattern") &&
                 text_of(step["pattern"], "Regex") == " {2,}") {
        joins_spaces = true;
      } else if (type != "Strip" && type != "Prepend") {
        return unsupported(fmt::format("normalises texts by '{}', which GGUF has no key for", type));
      }
    }
    writer.add_bool("tokenizer.ggml.remove_extra_whitespaces", joins_spaces);
    return {};
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

  const JsonFile& file_;
  const Json& model_;
  uint32_t vocab_size_;
  TokenTable table_;
};

}  // namespace

Result<TokenTable> add_tokenizer_json(const JsonFile& tokenizer, uint32_t vocab_size, GgufWriter& writer) {
  const Json* model = tokenizer.find("model");
  if (model == nullptr || !model->is_object()) return tokenizer.fault("key 'model' is no object");
  return TokenizerJson(tokenizer, *model, vocab_size).add(writer);
}

}  // namespace hearth
