// POST /v1/chat/completions.
#include "apps/serve/api/openai/answer_json.h"
#include "apps/serve/api/openai/chat_request.h"
#include "apps/serve/api/openai/choices.h"
#include "apps/serve/api/openai/chunks.h"
#include "apps/serve/api/openai/routes.h"
#include "apps/serve/api/random_id.h"

namespace hearth::serve::openai {

using nlohmann::ordered_json;

namespace {

ordered_json call_json(const CallPart& call) {
  return {{"id", call.id},
          {"type", "function"},
          {"function", {{"name", call.name}, {"arguments", call.arguments}}}};
}

/// A piece of it: id and name with the first alone.
ordered_json call_delta(const CallPart& call) {
  ordered_json delta = {{"index", call.index}};
  if (!call.name.empty()) {
    delta["id"] = call.id;
    delta["type"] = "function";
    delta["function"]["name"] = call.name;
  }
  delta["function"]["arguments"] = call.arguments;
  return delta;
}

ordered_json message_json(const AnswerPart& answer, const ChatRequest& request) {
  ordered_json message = {{"role", "assistant"}, {"content", answer.text}, {"refusal", nullptr}};
  if (!answer.reasoning.empty()) message["reasoning_content"] = answer.reasoning;
  if (answer.calls.empty()) return message;
  if (answer.text.empty()) message["content"] = nullptr;
  for (const CallPart& call : answer.calls) {
    if (request.legacy_functions) {
      message["function_call"] = call_json(call)["function"];
    } else {
      message["tool_calls"].push_back(call_json(call));
    }
  }
  return message;
}

ordered_json delta_json(const AnswerPart& part, const ChatRequest& request) {
  ordered_json delta = ordered_json::object();
  if (!part.reasoning.empty()) delta["reasoning_content"] = part.reasoning;
  if (!part.text.empty() || (part.calls.empty() && part.reasoning.empty())) delta["content"] = part.text;
  for (const CallPart& call : part.calls) {
    if (request.legacy_functions) {
      delta["function_call"] = call_delta(call)["function"];
    } else {
      delta["tool_calls"].push_back(call_delta(call));
    }
  }
  return delta;
}

std::string_view finish_name(const AnswerPart& part, const ChatRequest& request) {
  const std::string_view name = finish_reason(part.finish);
  return request.legacy_functions && name == "tool_calls" ? "function_call" : name;
}

/// Writes the chunks of one answer after the other's, as they come.
class ChunkWriter {
 public:
  ChunkWriter(Exchange& exchange, const ChatRequest& request, ordered_json head)
      : exchange_(exchange), request_(request), head_(std::move(head)), begun_(request.choices, false) {}

  Awaitable<> write(const Choices::Part& next) {
    const AnswerPart& part = next.part;
    if (!begun_[next.choice]) {
      begun_[next.choice] = true;
      const ordered_json role = {{"role", "assistant"}, {"content", nullptr}};
      ordered_json first = chunk(next.choice, role, nullptr);
      if (request_.return_progress) first["prompt_progress"] = prompt_progress_json(part.figures);
      co_await write_event(exchange_, first);
    }
    if (part.says_something()) {
      ordered_json more = chunk(next.choice, delta_json(part, request_), nullptr);
      if (!part.logprobs.empty()) more["choices"][0]["logprobs"] = logprobs_json(part.logprobs);
      if (request_.timings_per_token) more["timings"] = timings_json(part.figures);
      co_await write_event(exchange_, more);
    }
    if (!part.ended()) co_return;
    usage_.add(part.figures, next.choice > 0);
    figures_ = part.figures;
    ordered_json last = chunk(next.choice, ordered_json::object(), finish_name(part, request_));
    if (!request_.include_usage) last["timings"] = timings_json(part.figures);
    co_await write_event(exchange_, last);
  }

  Awaitable<> end() { return end_chunks(exchange_, head_, request_, usage_, figures_); }

 private:
  ordered_json chunk(size_t index, ordered_json delta, ordered_json finish) const {
    ordered_json choice = {{"index", index},
                           {"delta", std::move(delta)},
                           {"logprobs", nullptr},
                           {"finish_reason", std::move(finish)}};
    return chunk_of(head_, std::move(choice), request_);
  }

  Exchange& exchange_;
  const ChatRequest& request_;
  ordered_json head_;
  std::vector<bool> begun_;  // by choice
  Usage usage_;
  AnswerFigures figures_;  // of the choice that ended last
};

ordered_json whole_json(ordered_json whole, const std::vector<AnswerPart>& answers,
                        const ChatRequest& request) {
  Usage usage;
  whole["choices"] = ordered_json::array();
  for (size_t index = 0; index < answers.size(); ++index) {
    const AnswerPart& answer = answers[index];
    usage.add(answer.figures, index > 0);
    whole["choices"].push_back({{"index", index},
                                {"message", message_json(answer, request)},
                                {"logprobs", logprobs_json(answer.logprobs)},
                                {"finish_reason", finish_name(answer, request)}});
  }
  whole["usage"] = usage_json(usage);
  whole["timings"] = timings_json(answers.back().figures);
  return whole;
}

}  // namespace

Awaitable<> chat_completions(Service& service, Exchange& exchange) {
  const ordered_json body = json_body(exchange.request);
  ChatRequest request = read_chat_request(body);
  const auto model = co_await use_model(service, exchange, request.model);
  if (request.stream) model->keep_alive(signs_of_life(service, exchange));
  co_await add_text_biases(*model, request);
  co_await find_adapters(service, exchange, *model, request);
  Choices choices(request.no_tokens);
  for (size_t choice = 0; choice < request.choices; ++choice) {
    ordered_json options = options_of_choice(request, choice);
    auto answer = co_await model->answer_chat(request.chat, std::move(options));
    choices.add(AnswerReader(std::move(answer), request.one_call));
  }
  const std::string id = random_id("chatcmpl-");
  if (!request.stream) {
    const std::vector<AnswerPart> answers = co_await choices.wholes();
    const ordered_json whole = whole_json(answer_head(id, "chat.completion", model->id()), answers, request);
    co_return co_await reply_json(exchange, whole);
  }
  // What is wrong with a request shows with the first part: until then its status can tell.
  Choices::Part next = co_await choices.next();
  co_await begin_events(exchange);
  ChunkWriter writer(exchange, request, answer_head(id, "chat.completion.chunk", model->id()));
  co_await writer.write(next);
  while (!choices.done()) {
    next = co_await choices.next();
    co_await writer.write(next);
  }
  co_await writer.end();
}

}  // namespace hearth::serve::openai
