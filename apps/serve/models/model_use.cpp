#include "apps/serve/models/model_use.h"

#include <fmt/format.h>

#include <algorithm>

#include "apps/serve/json_text.h"
#include "apps/serve/models/lost_pages.h"
#include "apps/serve/refusal.h"

namespace hearth::serve {

using nlohmann::ordered_json;

namespace {

constexpr std::string_view kTurn = "<|im_start|>";

/// Whose encoder reads a text to answer, and knows of no turns.
constexpr std::string_view kEncoderDecoder = "t5";

/// The text that a message's answer begins with, where the conversation ends in the assistant's own words;
/// taken out.
std::string take_beginning(ordered_json& chat) {
  if (!chat.contains("messages") || !chat["messages"].is_array() || chat["messages"].size() < 2) return {};
  const ordered_json last = chat["messages"].back();
  const bool continues = last.is_object() && last.value("role", ordered_json()) == "assistant" &&
                         last.contains("content") && last["content"].is_string() &&
                         !last.contains("tool_calls");
  if (!continues) return {};
  chat["messages"].erase(chat["messages"].size() - 1);
  return last["content"].get<std::string>();
}

std::string content_text(const ordered_json& content) {
  if (content.is_string()) return content.get<std::string>();
  std::string text;
  for (const ordered_json& part : content) {
    if (!text.empty()) text += '\n';
    text += part.value("text", "");
  }
  return text;
}

std::string chat_ml(const ordered_json& chat) {
  std::string text;
  for (const ordered_json& message : chat["messages"]) {
    text += fmt::format("{}{}\n{}<|im_end|>\n", kTurn, message.value("role", ""),
                        content_text(message.value("content", ordered_json())));
  }
  if (chat.value("addGenerationPrompt", true)) text += fmt::format("{}assistant\n", kTurn);
  return text;
}

}  // namespace

ModelUse::ModelUse(std::string id, std::shared_ptr<ServedModel> model, ordered_json imposed,
                   std::function<void()> end)
    : id_(std::move(id)), model_(std::move(model)), imposed_(std::move(imposed)), end_(std::move(end)) {}

ModelUse::~ModelUse() {
  if (end_) end_();
}

Awaitable<Reply> ModelUse::call(std::string name, ordered_json arguments, std::string data) {
  if (watch_ && name == "embed") co_await watch_texts(arguments);
  if (watch_ && name == "rerank") co_await watch_documents(arguments);
  Reply reply = co_await model_->call(std::move(name), std::move(arguments), std::move(data));
  refuse_pages_lost_since(began_);
  co_return reply;
}

Awaitable<> ModelUse::watch_texts(ordered_json& arguments) {
  if (arguments.empty() || !arguments[0].is_array()) co_return;  // the engine says what is wrong
  size_t count = 0;
  for (ordered_json& text : arguments[0]) {
    // As the engine does, which then need not do it again.
    if (text.is_string()) text = co_await tokenize(text.get<std::string>(), true, false);
    count += text.size();
  }
  watch_->read(count);
}

Awaitable<> ModelUse::watch_documents(const ordered_json& arguments) {
  const ordered_json tasks = info().value("tasks", ordered_json::array());
  const bool can_rank = std::find(tasks.begin(), tasks.end(), "rerank") != tasks.end();
  if (!can_rank || arguments.size() < 2 || !arguments[1].is_array()) co_return;
  size_t count = 0;
  for (const ordered_json& document : arguments[1]) {
    ordered_json both = ordered_json::array({arguments[0], document});
    const Reply reply = co_await model_->call("rerankTokens", std::move(both));
    count += reply.tokens().size();
  }
  watch_->read(count);
}

Awaitable<std::vector<int32_t>> ModelUse::tokenize(std::string text, bool add_special, bool parse_special) {
  ordered_json arguments = {std::move(text), add_special, parse_special};
  const Reply reply = co_await call("tokenize", std::move(arguments));
  co_return reply.tokens();
}

void ModelUse::check_length(size_t tokens) const {
  const auto context = info().value("contextSize", size_t{0});
  if (tokens < context) return;
  throw Refusal(
      Error{ErrorCode::kContextOverflow,
            fmt::format(
                "a prompt of {} tokens exceeds the available context size of {}; shorten it, or load the "
                "model with a larger contextSize (it was trained for {})",
                tokens, context, info().value("contextLength", context))})
      .with("n_prompt_tokens", static_cast<int64_t>(tokens))
      .with("n_ctx", static_cast<int64_t>(context));
}

Awaitable<std::unique_ptr<Answer>> ModelUse::answer(std::vector<int32_t> tokens, ordered_json options) {
  const net::any_io_executor executor = co_await net::this_coro::executor;
  check_length(tokens.size());
  options.update(imposed_);
  auto answer =
      model_->answer(executor, std::move(tokens), options, watch_ ? watch_->answer() : AnswerWatch());
  answer->keep_alive(signs_);
  answer->asked_at(began_);
  co_return answer;
}

Awaitable<std::unique_ptr<Answer>> ModelUse::answer_chat(ordered_json chat, ordered_json options) {
  const std::string beginning = take_beginning(chat);
  options["chat"] = json_text(chat);
  std::vector<int32_t> tokens = co_await prompt_of(std::move(chat), beginning);
  auto begun = co_await answer(std::move(tokens), std::move(options));
  begun->is_begun_with(beginning);
  co_return begun;
}

Awaitable<std::vector<int32_t>> ModelUse::chat_tokens(ordered_json chat) {
  const std::string beginning = take_beginning(chat);
  return prompt_of(std::move(chat), beginning);
}

Awaitable<std::string> ModelUse::chat_text(ordered_json chat) {
  const bool is_bare = co_await has_no_form_for(chat);
  if (is_bare) co_return chat_ml(chat);
  ordered_json arguments = ordered_json::array({json_text(chat)});
  Reply reply = co_await call("applyChatTemplate", std::move(arguments));
  co_return std::move(reply.data);
}

Awaitable<bool> ModelUse::has_no_form_for(const ordered_json& chat) {
  if (info().value("hasChatTemplate", true) || chat.contains("tools")) co_return false;
  if (info().value("architecture", "") == kEncoderDecoder) co_return false;
  // The engine checks the messages.
  ordered_json arguments = ordered_json::array({json_text(chat)});
  co_await call("applyChatTemplate", std::move(arguments));
  const std::vector<int32_t> turn = co_await tokenize(std::string(kTurn), false, true);
  co_return turn.size() > 1;
}

Awaitable<std::vector<int32_t>> ModelUse::prompt_of(ordered_json chat, std::string beginning) {
  const bool is_bare = co_await has_no_form_for(chat);
  std::vector<int32_t> tokens;
  if (is_bare) {
    tokens = co_await tokenize(chat_ml(chat), true, false);
  } else {
    ordered_json arguments = ordered_json::array({json_text(chat)});
    const Reply reply = co_await call("chatTokens", std::move(arguments));
    tokens = reply.tokens();
  }
  if (!beginning.empty()) {
    const std::vector<int32_t> more = co_await tokenize(std::move(beginning), false, false);
    tokens.insert(tokens.end(), more.begin(), more.end());
  }
  co_return tokens;
}

}  // namespace hearth::serve
