// POST /tokenize, /detokenize and /apply-template.
#include "apps/serve/api/llama/routes.h"
#include "apps/serve/api/openai/chat_request.h"
#include "apps/serve/api/openai/prompts.h"
#include "apps/serve/refusal.h"

namespace hearth::serve::llama {

using nlohmann::ordered_json;

namespace {

/// Each with what it stands for: a text, or its bytes where that is no UTF-8.
Awaitable<ordered_json> with_pieces(ModelUse& model, const std::vector<int32_t>& tokens) {
  const ordered_json pieces = co_await openai::pieces_of(model, tokens);
  ordered_json list = ordered_json::array();
  for (const ordered_json& piece : pieces) {
    list.push_back({{"id", tokens[list.size()]}, {"piece", piece}});
  }
  co_return list;
}

/// What the conversation's last message has begun of the answer; taken out.
std::string take_begun_answer(ordered_json& chat) {
  ordered_json& messages = chat["messages"];
  const ordered_json last = messages.back();
  const bool is_begun = messages.size() > 1 && last["role"] == "assistant" && last.contains("content") &&
                        last["content"].is_string() && !last.contains("tool_calls");
  if (!is_begun) return {};
  messages.erase(messages.size() - 1);
  return last["content"].get<std::string>();
}

}  // namespace

Awaitable<> tokenize(Service& service, Exchange& exchange) {
  const ordered_json json = json_body(exchange.request);
  const Members body(json);
  openai::Prompts content;
  if (body.has("content")) content = openai::read_prompts(body, "content");
  const bool add_special = body.flag("add_special", false);
  const bool parse_special = body.flag("parse_special", true);
  const bool pieces = body.flag("with_pieces", false);
  const auto model = co_await use_model(service, exchange, body.text("model"));
  std::vector<int32_t> tokens;
  for (const openai::Prompt& prompt : content.all) {
    for (const openai::PromptPiece& piece : prompt) {
      std::vector<int32_t> more = piece.tokens;
      if (more.empty())
        more = co_await model->tokenize(piece.text, add_special && tokens.empty(), parse_special);
      tokens.insert(tokens.end(), more.begin(), more.end());
    }
  }
  ordered_json list = tokens;
  if (pieces) list = co_await with_pieces(*model, tokens);
  const ordered_json reply = {{"tokens", std::move(list)}};
  co_await reply_json(exchange, reply);
}

Awaitable<> detokenize(Service& service, Exchange& exchange) {
  const ordered_json json = json_body(exchange.request);
  const Members body(json);
  std::vector<int32_t> tokens;
  for (const ordered_json& token : body.array("tokens")) {
    if (!token.is_number_unsigned() || token.get<uint64_t>() > INT32_MAX) {
      body.refuse("tokens", "must be whole numbers from 0, not " + shown(token));
    }
    tokens.push_back(token.get<int32_t>());
  }
  const auto model = co_await use_model(service, exchange, body.text("model"));
  const std::string text = co_await openai::text_of_tokens(*model, tokens);
  const ordered_json reply = {{"content", text}};
  co_await reply_json(exchange, reply);
}

Awaitable<> apply_template(Service& service, Exchange& exchange) {
  const ordered_json json = json_body(exchange.request);
  const Members body(json);
  ordered_json chat = openai::read_chat(body);
  const std::string begun = take_begun_answer(chat);
  const auto model = co_await use_model(service, exchange, body.text("model"));
  const std::string prompt = co_await model->chat_text(std::move(chat));
  const ordered_json reply = {{"prompt", prompt + begun}};
  co_await reply_json(exchange, reply);
}

}  // namespace hearth::serve::llama
