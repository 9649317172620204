// POST /v1/completions.
#include "apps/serve/api/openai/answer_json.h"
#include "apps/serve/api/openai/choices.h"
#include "apps/serve/api/openai/chunks.h"
#include "apps/serve/api/openai/completion_request.h"
#include "apps/serve/api/openai/infill.h"
#include "apps/serve/api/openai/routes.h"
#include "apps/serve/api/random_id.h"

namespace hearth::serve::openai {

using nlohmann::ordered_json;

namespace {

/// The form that completions have had from the beginning: lists, a place in each for a token. `offset` is how
/// much text there was before, in characters of UTF-8's bytes, and moves on.
ordered_json old_logprobs(const ordered_json& logprobs, size_t& offset) {
  if (logprobs.empty()) return nullptr;
  ordered_json lists = {{"tokens", ordered_json::array()},
                        {"token_logprobs", ordered_json::array()},
                        {"top_logprobs", ordered_json::array()},
                        {"text_offset", ordered_json::array()}};
  for (const ordered_json& token : logprobs) {
    ordered_json top = ordered_json::object();
    for (const ordered_json& likely : token["topLogprobs"]) {
      top[likely["text"].get_ref<const std::string&>()] = likely["logprob"];
    }
    lists["tokens"].push_back(token["text"]);
    lists["token_logprobs"].push_back(token["logprob"]);
    const bool is_known = !token["logprob"].is_null();
    lists["top_logprobs"].push_back(is_known ? std::move(top) : ordered_json());
    lists["text_offset"].push_back(offset);
    offset += token["text"].get_ref<const std::string&>().size();
  }
  // What chat completions have, too: ids and bytes.
  lists["content"] = token_logprobs(logprobs);
  return lists;
}

/// What an answer begins with where it repeats its prompt.
struct Echo {
  std::string text;
  ordered_json logprobs = ordered_json::array();  // where they are asked for
};

/// Writes answers to prompts; the answers to one of them follow each other.
class CompletionWriter {
 public:
  CompletionWriter(Exchange& exchange, const CompletionRequest& request, ordered_json head,
                   std::vector<Echo> echoes)
      : exchange_(exchange),
        request_(request),
        head_(std::move(head)),
        echoes_(std::move(echoes)),
        offsets_(request.prompts.all.size() * request.choices, 0),
        begun_(offsets_.size(), false) {}

  ordered_json whole(const std::vector<AnswerPart>& answers) {
    ordered_json choices = ordered_json::array();
    for (size_t index = 0; index < answers.size(); ++index) {
      choices.push_back(choice(index, answers[index]));
      note(index, answers[index].figures);
    }
    ordered_json whole = head_;
    whole["choices"] = std::move(choices);
    whole["usage"] = usage_json(usage_);
    whole["timings"] = timings_json(figures_);
    return whole;
  }

  Awaitable<> write(const Choices::Part& next) {
    AnswerPart part = next.part;
    const bool ended = part.ended();
    part.finish = HEARTH_FINISH_NONE;
    const bool tells_progress = request_.return_progress && !begun_[next.choice];
    if (part.says_something() || (request_.echo && !begun_[next.choice])) {
      ordered_json piece = chunk_of(head_, choice(next.choice, part), request_);
      if (tells_progress) piece["prompt_progress"] = prompt_progress_json(part.figures);
      co_await write_event(exchange_, piece);
    }
    if (!ended) co_return;
    note(next.choice, part.figures);
    AnswerPart end;
    end.finish = next.part.finish;
    ordered_json last = chunk_of(head_, choice(next.choice, end), request_);
    if (!request_.include_usage) last["timings"] = timings_json(part.figures);
    co_await write_event(exchange_, last);
  }

  Awaitable<> end() { return end_chunks(exchange_, head_, request_, usage_, figures_); }

 private:
  ordered_json choice(size_t index, const AnswerPart& part) {
    Echo told{part.text, part.logprobs};
    if (request_.echo && !begun_[index]) {
      told = echoes_[index / request_.choices];
      told.text += part.text;
      told.logprobs.insert(told.logprobs.end(), part.logprobs.begin(), part.logprobs.end());
    }
    begun_[index] = true;
    ordered_json finish;
    if (part.ended()) finish = finish_reason(part.finish);
    return {{"text", told.text},
            {"index", index},
            {"logprobs", old_logprobs(told.logprobs, offsets_[index])},
            {"finish_reason", finish}};
  }

  void note(size_t index, const AnswerFigures& figures) {
    usage_.add(figures, index % request_.choices > 0);
    figures_ = figures;
  }

  Exchange& exchange_;
  const CompletionRequest& request_;
  ordered_json head_;
  std::vector<Echo> echoes_;     // by prompt
  std::vector<size_t> offsets_;  // by choice
  std::vector<bool> begun_;      // by choice
  Usage usage_;
  AnswerFigures figures_;  // of the choice that ended last
};

Awaitable<std::vector<int32_t>> prompt_tokens(ModelUse& model, const CompletionRequest& request,
                                              const Prompt& prompt) {
  if (request.suffix.empty()) co_return co_await tokens_of(model, prompt, true);
  co_return co_await infill_tokens(model, text_of(prompt), request.suffix);
}

Awaitable<Echo> echo_of(ModelUse& model, const CompletionRequest& request, const Prompt& prompt,
                        const std::vector<int32_t>& tokens) {
  Echo echo;
  if (!request.echo) co_return echo;
  echo.text = text_of(prompt);
  if (echo.text.empty()) echo.text = co_await text_of_tokens(model, tokens);
  const auto top = request.options.find("logprobs");
  if (top == request.options.end() || tokens.empty()) co_return echo;
  // Nothing stands before the first token that would make it likely or not.
  const std::vector<int32_t> first = {tokens.front()};
  std::string text = co_await text_of_tokens(model, first);
  echo.logprobs.push_back({{"id", first[0]},
                           {"text", std::move(text)},
                           {"bytes", nullptr},
                           {"logprob", nullptr},
                           {"topLogprobs", ordered_json::array()}});
  ordered_json arguments = ordered_json::array({*top});
  const Reply reply = co_await model.call("logprobs", std::move(arguments), call_data(tokens));
  for (const ordered_json& token : reply.json()) echo.logprobs.push_back(token);
  co_return echo;
}

}  // namespace

Awaitable<> completions(Service& service, Exchange& exchange) {
  const ordered_json body = json_body(exchange.request);
  CompletionRequest request = read_completion_request(body);
  const auto model = co_await use_model(service, exchange, request.model);
  if (request.stream) model->keep_alive(signs_of_life(service, exchange));
  co_await add_text_biases(*model, request);
  co_await find_adapters(service, exchange, *model, request);
  Choices choices(request.no_tokens);
  std::vector<Echo> echoes;
  for (const Prompt& prompt : request.prompts.all) {
    const std::vector<int32_t> tokens = co_await prompt_tokens(*model, request, prompt);
    Echo echo = co_await echo_of(*model, request, prompt, tokens);
    echoes.push_back(std::move(echo));
    for (size_t choice = 0; choice < request.choices; ++choice) {
      ordered_json options = options_of_choice(request, choice);
      auto answer = co_await model->answer(tokens, std::move(options));
      choices.add(AnswerReader(std::move(answer)));
    }
  }
  CompletionWriter writer(exchange, request, answer_head(random_id("cmpl-"), "text_completion", model->id()),
                          std::move(echoes));
  if (!request.stream) {
    const std::vector<AnswerPart> answers = co_await choices.wholes();
    const ordered_json whole = writer.whole(answers);
    co_return co_await reply_json(exchange, whole);
  }
  // What is wrong with a request shows with the first part: until then its status can tell.
  Choices::Part next = co_await choices.next();
  co_await begin_events(exchange);
  co_await writer.write(next);
  while (!choices.done()) {
    next = co_await choices.next();
    co_await writer.write(next);
  }
  co_await writer.end();
}

}  // namespace hearth::serve::openai
