#include "engine/model/hugging_face/word_rules.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace hearth {
namespace {

// The expression that cuts words, as a tokenizer.json has it, and GGUF's name for it.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kWordRules = {{
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     "llama-bpe"},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     "qwen2"},
    {R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     "tekken"},
    {R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     "gpt-4o"},
}};

}  // namespace

std::string text_of(const nlohmann::json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

bool flag_of(const nlohmann::json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

// The steps of a "Sequence", or the single step.
std::vector<nlohmann::json> steps_of(const nlohmann::json* whole, const char* list) {
  if (whole == nullptr) return {};
  const auto found = whole->is_object() ? whole->find(list) : whole->end();
  if (found != whole->end() && found->is_array()) return {found->begin(), found->end()};
  return {*whole};
}

Result<std::string_view> word_rules(const JsonFile& tokenizer) {
  const auto unsupported = [&](const std::string& what) {
    return Error{ErrorCode::kUnsupportedModel, fmt::format("{}: {}", tokenizer.name(), what)};
  };
  bool has_digits = false;
  for (const nlohmann::json& step : steps_of(tokenizer.find("pre_tokenizer"), "pretokenizers")) {
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

}  // namespace hearth
