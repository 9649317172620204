#include "apps/serve/api/openai/prompts.h"

#include <fmt/format.h>

#include <algorithm>

#include "apps/serve/refusal.h"

namespace hearth::serve::openai {

using nlohmann::ordered_json;

namespace {

constexpr size_t kMostPrompts = 2048;

/// Whether an array is one prompt, not a list of them: it has a token.
bool is_mixed(const ordered_json& array) {
  return std::any_of(array.begin(), array.end(), [](const ordered_json& piece) { return piece.is_number(); });
}

void add_token(const ordered_json& json, const std::string& path, Prompt& prompt) {
  if (!json.is_number_unsigned() || json.get<uint64_t>() > INT32_MAX) {
    refuse_param(path, fmt::format("must have tokens, which are whole numbers from 0, not {}", shown(json)));
  }
  if (prompt.empty() || !prompt.back().text.empty()) prompt.emplace_back();
  prompt.back().tokens.push_back(json.get<int32_t>());
}

std::string content_text(const Members& object, const std::string& path) {
  if (!object["content"].is_array())
    refuse_param(path, "must have a prompt_string, or a content that is a list of parts");
  std::string text;
  for (const ordered_json& part : object.array("content")) {
    const bool is_text = part.is_object() && part.value("type", ordered_json()) == "text" &&
                         part.contains("text") && part["text"].is_string();
    if (!is_text)
      refuse_param(path + ".content", "must have only parts of type \"text\"; models here read no other");
    text += part["text"].get_ref<const std::string&>();
  }
  return text;
}

Prompt prompt_of(const ordered_json& json, const std::string& path) {
  if (json.is_string()) return {{json.get<std::string>(), {}}};
  if (json.is_object()) {
    const Members object(json, path);
    if (object.has("multimodal_data")) object.refuse("multimodal_data", "is nothing that models here read");
    if (object.has("prompt_string")) return {{object.text("prompt_string"), {}}};
    return {{content_text(object, path), {}}};
  }
  if (!json.is_array() || json.empty()) {
    refuse_param(path, fmt::format("must be a text or tokens, not {}",
                                   json.is_array() ? "an empty list" : shown(json)));
  }
  Prompt prompt;
  for (const ordered_json& piece : json) {
    if (piece.is_string()) {
      prompt.push_back({piece.get<std::string>(), {}});
    } else {
      add_token(piece, path, prompt);
    }
  }
  return prompt;
}

}  // namespace

Prompts read_prompts(const Members& body, std::string_view name) {
  const std::string path = body.path_of(name);
  const ordered_json& given = body[name];
  if (given.is_null()) refuse_param(path, "is missing");
  Prompts prompts;
  prompts.is_list = given.is_array() && !given.empty() && !is_mixed(given);
  if (!prompts.is_list) {
    prompts.all.push_back(prompt_of(given, path));
    return prompts;
  }
  if (given.size() > kMostPrompts) {
    refuse_param(path, fmt::format("has {} entries; {} are the most", given.size(), kMostPrompts));
  }
  for (size_t index = 0; index < given.size(); ++index) {
    prompts.all.push_back(prompt_of(given[index], fmt::format("{}[{}]", path, index)));
  }
  return prompts;
}

std::string text_of(const Prompt& prompt) {
  return prompt.size() == 1 && prompt[0].tokens.empty() ? prompt[0].text : "";
}

Awaitable<std::vector<int32_t>> tokens_of(ModelUse& model, Prompt prompt, bool parse_special) {
  std::vector<int32_t> tokens;
  for (size_t index = 0; index < prompt.size(); ++index) {
    std::vector<int32_t> more = std::move(prompt[index].tokens);
    if (more.empty()) more = co_await model.tokenize(prompt[index].text, index == 0, parse_special);
    tokens.insert(tokens.end(), more.begin(), more.end());
  }
  co_return tokens;
}

std::string call_data(const std::vector<int32_t>& tokens) {
  return {reinterpret_cast<const char*>(tokens.data()), tokens.size() * sizeof(int32_t)};
}

Awaitable<std::string> text_of_tokens(ModelUse& model, const std::vector<int32_t>& tokens) {
  ordered_json arguments = ordered_json::array({true});
  Reply reply = co_await model.call("detokenize", std::move(arguments), call_data(tokens));
  co_return std::move(reply.data);
}

Awaitable<ordered_json> pieces_of(ModelUse& model, const std::vector<int32_t>& tokens) {
  ordered_json arguments = ordered_json::array();
  const Reply reply = co_await model.call("pieces", std::move(arguments), call_data(tokens));
  co_return reply.json();
}

Awaitable<std::string> joined_pieces(ModelUse& model, const std::vector<int32_t>& tokens) {
  const ordered_json pieces = co_await pieces_of(model, tokens);
  std::string text;
  for (const ordered_json& piece : pieces) {
    if (piece.is_string()) {
      text += piece.get_ref<const std::string&>();
    } else {
      for (const ordered_json& byte : piece) text += static_cast<char>(byte.get<uint8_t>());
    }
  }
  co_return text;
}

}  // namespace hearth::serve::openai
