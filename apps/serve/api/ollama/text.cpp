// POST /api/generate and /api/chat.
#include "apps/serve/api/ollama/reply.h"
#include "apps/serve/api/ollama/routes.h"
#include "apps/serve/api/openai/infill.h"
#include "apps/serve/json_text.h"

namespace hearth::serve::ollama {

using nlohmann::ordered_json;

namespace {

/// What the client may send back with its next prompt: the tokens of all that was asked and said.
struct Context {
  ModelUse& model;
  bool told;
  std::vector<int32_t> tokens;  // of the prompt

  Awaitable<> add_to(ordered_json& line, std::string said) {
    if (!told) co_return;
    const std::vector<int32_t> more = co_await model.tokenize(std::move(said), false, false);
    tokens.insert(tokens.end(), more.begin(), more.end());
    line["context"] = tokens;
  }
};

Awaitable<> reply_whole(Exchange& exchange, AnswerReader& reader, ReplyWriter& writer, Context& context) {
  const AnswerPart whole = co_await reader.rest();
  ordered_json line = writer.line_of(whole);
  co_await context.add_to(line, whole.text);
  co_await reply_json(exchange, line);
}

Awaitable<> stream_lines(Exchange& exchange, AnswerReader& reader, ReplyWriter& writer, Context& context) {
  // What can't be answered is refused before the stream begins.
  AnswerPart part = co_await reader.next();
  co_await begin_lines(exchange);
  std::string said;
  for (;;) {
    said += part.text;
    ordered_json line = writer.line_of(part);
    if (part.ended()) co_await context.add_to(line, said);
    co_await write_line(exchange, line);
    if (part.ended()) break;
    part = co_await reader.next();
  }
  co_await exchange.end();
}

/// What was said before, and what the prompt says, by the template or as it is.
Awaitable<std::vector<int32_t>> prompt_of(ModelUse& model, const TextRequest& asked) {
  std::vector<int32_t> tokens;
  if (!asked.suffix.empty()) {
    tokens = co_await openai::infill_tokens(model, asked.prompt, asked.suffix);
  } else if (asked.chat.is_null()) {
    // Who writes the prompt as it is writes the template's part of it, too, with its control tokens.
    tokens = co_await model.tokenize(asked.prompt, asked.context.empty(), true);
  } else {
    tokens = co_await model.chat_tokens(asked.chat);
  }
  std::vector<int32_t> prompt = asked.context;
  prompt.insert(prompt.end(), tokens.begin(), tokens.end());
  co_return prompt;
}

/// Answers a request that asks nothing: its model is loaded, or unloaded.
Awaitable<> reply_without_answer(Service& service, Exchange& exchange, const TextRequest& asked,
                                 ReplyWriter& writer) {
  const bool leaves = asked.keep_alive == Duration::zero();
  if (leaves) {
    require_admin(exchange);
    const Description description = co_await service.models.catalog().find(asked.model);
    service.models.unload(description->name);
  } else {
    (void)co_await use_model_of(service, exchange, asked);
  }
  const ordered_json line = writer.line_of_no_answer(leaves ? "unload" : "load");
  co_await reply_json(exchange, line);
}

Awaitable<> tell(Exchange& exchange, std::unique_ptr<Answer> answer, bool stream, ReplyWriter& writer,
                 Context context) {
  AnswerReader reader(std::move(answer));
  if (stream) {
    co_await stream_lines(exchange, reader, writer, context);
  } else {
    co_await reply_whole(exchange, reader, writer, context);
  }
}

}  // namespace

Awaitable<> generate(Service& service, Exchange& exchange) {
  const ordered_json body = json_body(exchange.request);
  const TextRequest asked = read_generate(body);
  ReplyWriter writer(ReplyWriter::Form::kGenerate, asked.model);
  if (!asked.asks) co_return co_await reply_without_answer(service, exchange, asked, writer);
  const auto model = co_await use_model_of(service, exchange, asked);
  writer.loaded();
  std::vector<int32_t> prompt = co_await prompt_of(*model, asked);
  ordered_json options = asked.options;
  if (!asked.chat.is_null()) options["chat"] = json_text(asked.chat);
  auto answer = co_await model->answer(prompt, std::move(options));
  Context context{*model, !asked.chat.is_null(), std::move(prompt)};
  co_await tell(exchange, std::move(answer), asked.stream, writer, std::move(context));
}

Awaitable<> chat(Service& service, Exchange& exchange) {
  const ordered_json body = json_body(exchange.request);
  const TextRequest asked = read_chat(body);
  ReplyWriter writer(ReplyWriter::Form::kChat, asked.model);
  if (!asked.asks) co_return co_await reply_without_answer(service, exchange, asked, writer);
  const auto model = co_await use_model_of(service, exchange, asked);
  writer.loaded();
  auto answer = co_await model->answer_chat(asked.chat, asked.options);
  Context context{*model, false, {}};
  co_await tell(exchange, std::move(answer), asked.stream, writer, std::move(context));
}

}  // namespace hearth::serve::ollama
