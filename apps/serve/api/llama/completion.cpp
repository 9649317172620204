// POST /completion and /infill.
#include <algorithm>

#include "apps/serve/api/llama/completion_request.h"
#include "apps/serve/api/llama/generation_settings.h"
#include "apps/serve/api/llama/line_limits.h"
#include "apps/serve/api/llama/routes.h"
#include "apps/serve/api/llama/server_state.h"
#include "apps/serve/api/openai/answer_json.h"
#include "apps/serve/api/openai/choices.h"

namespace hearth::serve::llama {

using nlohmann::ordered_json;

namespace {

ordered_json token_ids(const ordered_json& logprobs) {
  ordered_json ids = ordered_json::array();
  for (const ordered_json& token : logprobs) ids.push_back(token["id"]);
  return ids;
}

/// Without a temperature all of the probability is the chosen token's.
ordered_json sampled_probabilities(const ordered_json& logprobs) {
  ordered_json tokens = openai::token_logprobs(logprobs);
  for (ordered_json& token : tokens) {
    const ordered_json likely = token["top_logprobs"];
    token.erase("logprob");
    token.erase("top_logprobs");
    token["prob"] = 1.0;
    ordered_json all = ordered_json::array({token});
    for (ordered_json other : likely) {
      if (other["id"] == token["id"] || all.size() == likely.size()) continue;
      other.erase("logprob");
      other["prob"] = 0.0;
      all.push_back(std::move(other));
    }
    token["top_probs"] = std::move(all);
  }
  return tokens;
}

std::string_view stop_type(const AnswerPart& answer) {
  if (answer.finish == HEARTH_FINISH_LENGTH) return "limit";
  return answer.stop.empty() ? "eos" : "word";
}

/// Those that the request names, "a/b" for the member b of a, under the names that it has for them.
ordered_json chosen_fields(const ordered_json& answer, const std::vector<std::string>& paths) {
  if (paths.empty()) return answer;
  ordered_json chosen = ordered_json::object();
  for (const std::string& path : paths) {
    const ordered_json* at = &answer;
    for (size_t begin = 0; at != nullptr && begin <= path.size();) {
      const size_t end = std::min(path.find('/', begin), path.size());
      const auto found = at->is_object() ? at->find(path.substr(begin, end - begin)) : at->end();
      at = at->is_object() && found != at->end() ? &*found : nullptr;
      begin = end + 1;
    }
    if (at != nullptr) chosen[path] = *at;
  }
  return chosen;
}

struct ReadPrompt {
  std::string text;  // of all its tokens
  bool is_shortened = false;
};

int64_t slot_number(const CompletionRequest& request, size_t choice) {
  return request.slot >= 0 ? request.slot : static_cast<int64_t>(choice);
}

/// Makes a prompt fit as a context that moves on would have: without the oldest blocks, each half of what is
/// not kept. False where it fits.
bool shorten(std::vector<int32_t>& tokens, size_t keep, size_t context) {
  constexpr size_t kLeast = 4;  // that are not kept
  if (tokens.size() < context || context <= kLeast) return false;
  keep = std::min(keep, context - kLeast);
  const size_t block = (context - keep) / 2;
  const size_t blocks = (tokens.size() - keep - block) / block;
  const auto first = tokens.begin() + static_cast<std::ptrdiff_t>(keep);
  tokens.erase(first, first + static_cast<std::ptrdiff_t>(blocks * block));
  return true;
}

/// Writes answers, and knows what all of them have in common.
class AnswerWriter {
 public:
  /// `slots`: of each choice; empty where they are not kept.
  AnswerWriter(const CompletionRequest& request, const ModelUse& model, std::vector<ReadPrompt> prompts,
               std::vector<std::shared_ptr<SlotText>> slots)
      : request_(request),
        model_(model),
        prompts_(std::move(prompts)),
        slots_(std::move(slots)),
        has_new_line_(prompts_.size() * request.choices, false),
        begun_(has_new_line_.size(), false) {}

  ordered_json piece(const openai::Choices::Part& next) {
    const AnswerPart& part = next.part;
    note(next);
    ordered_json piece = {{"index", next.choice},
                          {"content", part.text},
                          {"tokens", token_ids(part.logprobs)},
                          {"stop", false},
                          {"id_slot", slot_number(request_, next.choice)},
                          {"tokens_predicted", part.figures.completion_tokens},
                          {"tokens_evaluated", part.figures.prompt_tokens}};
    add_probabilities(part, piece);
    if (request_.return_progress && !begun_[next.choice]) {
      piece["prompt_progress"] = openai::prompt_progress_json(part.figures);
    }
    begun_[next.choice] = true;
    if (request_.timings_per_token) piece["timings"] = openai::timings_json(part.figures);
    return piece;
  }

  /// The whole answer, or the end of it: what was told before is not there again.
  ordered_json answer(const openai::Choices::Part& last) {
    const AnswerPart& part = last.part;
    const AnswerFigures& figures = part.figures;
    note(last);
    const bool ends_in_token = stop_type(part) != "eos" && figures.completion_tokens > 0;
    if (ends_in_token && !slots_.empty()) slots_[last.choice]->pop_back();
    const int32_t all_tokens = figures.prompt_tokens + figures.completion_tokens;
    const int32_t context = model_.info().value("contextSize", 0);
    const ReadPrompt& prompt = prompts_[last.choice / request_.choices];
    const bool ended_full = part.finish == HEARTH_FINISH_LENGTH && all_tokens >= context;
    ordered_json answer = {
        {"index", last.choice},
        {"content", part.text},
        {"tokens", request_.return_tokens ? token_ids(part.logprobs) : ordered_json::array()},
        {"id_slot", slot_number(request_, last.choice)},
        {"stop", true},
        {"model", model_.id()},
        {"tokens_predicted", figures.completion_tokens},
        {"tokens_evaluated", figures.prompt_tokens},
        {"generation_settings", settings(last.choice, figures)},
        {"prompt", prompt.text},
        {"has_new_line", has_new_line_[last.choice]},
        {"truncated", prompt.is_shortened || ended_full || all_tokens > context},
        {"stop_type", stop_type(part)},
        {"stopping_word", part.stop},
        {"tokens_cached", all_tokens - (ends_in_token ? 1 : 0)},
        {"timings", openai::timings_json(figures)}};
    add_probabilities(part, answer);
    return chosen_fields(answer, request_.response_fields);
  }

 private:
  void note(const openai::Choices::Part& next) {
    if (next.part.text.find('\n') != std::string::npos) has_new_line_[next.choice] = true;
    if (slots_.empty()) return;
    SlotText& slot = *slots_[next.choice];
    for (const ordered_json& token : next.part.logprobs) slot.push_back(token["id"].get<int32_t>());
  }

  ordered_json settings(size_t choice, const AnswerFigures& figures) const {
    ordered_json options = openai::options_of_choice(request_, choice % request_.choices);
    if (request_.no_tokens) options.erase("maxTokens");
    ordered_json settings = generation_settings(options, model_.info()["tokens"], figures.seed);
    if (request_.no_tokens) settings["n_predict"] = settings["max_tokens"] = 0;
    settings["stream"] = request_.stream;
    settings["n_probs"] = request_.probabilities;
    settings["timings_per_token"] = request_.timings_per_token;
    return settings;
  }

  void add_probabilities(const AnswerPart& part, ordered_json& json) const {
    if (request_.probabilities == 0) return;
    json["completion_probabilities"] = request_.after_sampling ? sampled_probabilities(part.logprobs)
                                                               : openai::token_logprobs(part.logprobs);
  }

  const CompletionRequest& request_;
  const ModelUse& model_;
  std::vector<ReadPrompt> prompts_;
  std::vector<std::shared_ptr<SlotText>> slots_;
  std::vector<bool> has_new_line_;  // by choice
  std::vector<bool> begun_;         // likewise
};

Awaitable<> write_stream(Exchange& exchange, openai::Choices choices, AnswerWriter writer) {
  // What is wrong with a request shows with the first part: until then its status can tell.
  openai::Choices::Part next = co_await choices.next();
  co_await begin_events(exchange);
  for (bool more = true; more;) {
    if (next.part.says_something()) {
      const ordered_json piece = writer.piece(next);
      co_await write_event(exchange, piece);
    }
    if (next.part.ended()) {
      next.part.text.clear();
      next.part.logprobs = ordered_json::array();
      const ordered_json end = writer.answer(next);
      co_await write_event(exchange, end);
    }
    more = !choices.done();
    if (more) next = co_await choices.next();
  }
  co_await exchange.end();
}

/// Answers that are being written.
struct BegunAnswers {
  openai::Choices choices;
  std::vector<ReadPrompt> prompts;
  std::vector<std::shared_ptr<SlotText>> slots;  // of each choice; empty where they are not kept
};

Awaitable<BegunAnswers> begin_answers(Service& service, CompletionRequest& request, ModelUse& model,
                                      std::vector<std::vector<int32_t>> prompts) {
  BegunAnswers begun{openai::Choices(request.no_tokens), {}, {}};
  const bool keeps_slots = !service.config.slot_save_path.empty();
  const auto slots = static_cast<int64_t>(slot_count(model));
  // Tokens come with how likely they are.
  if (keeps_slots || request.stream || request.return_tokens || request.probabilities > 0) {
    request.options["logprobs"] = request.probabilities;
  }
  const int64_t keep = request.options.value("keepTokens", int64_t{-1});
  const auto context = model.info().value("contextSize", size_t{0});
  for (std::vector<int32_t>& tokens : prompts) {
    ReadPrompt prompt;
    prompt.is_shortened = keep >= 0 && shorten(tokens, static_cast<size_t>(keep), context);
    prompt.text = co_await openai::joined_pieces(model, tokens);
    begun.prompts.push_back(std::move(prompt));
    for (size_t choice = 0; choice < request.choices; ++choice) {
      const SlotKey slot = slot_key(model, slot_number(request, begun.slots.size()) % slots);
      if (keeps_slots) begun.slots.push_back(service.slots.begin(slot, tokens));
      ordered_json options = openai::options_of_choice(request, choice);
      auto answer = co_await model.answer(tokens, std::move(options));
      begun.choices.add(AnswerReader(std::move(answer)));
    }
  }
  co_return begun;
}

/// Ends answers where the request's limits of lines end them.
void limit_lines(const CompletionRequest& request, size_t answers, openai::Choices& choices) {
  if (request.indent <= 0 && request.milliseconds <= 0) return;
  const LineLimits of_each(request.indent, request.milliseconds);
  choices.end_where([limits = std::vector<LineLimits>(answers, of_each)](
                        size_t choice, AnswerPart& part) mutable { return limits[choice].end_with(part); });
}

/// Answers to prompts: one as an object, several as a list of them.
Awaitable<> answer_prompts(Service& service, Exchange& exchange, CompletionRequest& request, ModelUse& model,
                           std::vector<std::vector<int32_t>> prompts) {
  if (request.stream) model.keep_alive(signs_of_life(service, exchange));
  co_await openai::add_text_biases(model, request);
  co_await openai::find_adapters(service, exchange, model, request);
  BegunAnswers begun = co_await begin_answers(service, request, model, std::move(prompts));
  openai::Choices choices = std::move(begun.choices);
  limit_lines(request, begun.prompts.size() * request.choices, choices);
  AnswerWriter writer(request, model, std::move(begun.prompts), std::move(begun.slots));
  if (request.stream) co_return co_await write_stream(exchange, std::move(choices), std::move(writer));
  std::vector<AnswerPart> parts = co_await choices.wholes();
  ordered_json answers = ordered_json::array();
  for (size_t choice = 0; choice < parts.size(); ++choice) {
    const openai::Choices::Part whole{choice, std::move(parts[choice])};
    answers.push_back(writer.answer(whole));
  }
  const bool is_one = answers.size() == 1 && !request.prompts.is_list;
  const ordered_json reply = is_one ? answers[0] : answers;
  co_await reply_json(exchange, reply);
}

}  // namespace

Awaitable<> completion(Service& service, Exchange& exchange) {
  const ordered_json body = json_body(exchange.request);
  CompletionRequest request = read_completion_request(body);
  const auto model = co_await use_model(service, exchange, request.model);
  std::vector<std::vector<int32_t>> prompts;
  for (const openai::Prompt& prompt : request.prompts.all) {
    std::vector<int32_t> tokens = co_await openai::tokens_of(*model, prompt, true);
    prompts.push_back(std::move(tokens));
  }
  co_await answer_prompts(service, exchange, request, *model, std::move(prompts));
}

Awaitable<> infill(Service& service, Exchange& exchange) {
  const ordered_json body = json_body(exchange.request);
  CompletionRequest request = read_infill_request(body);
  const auto model = co_await use_model(service, exchange, request.model);
  std::vector<std::vector<int32_t>> prompts(1);
  const auto answer = std::max(request.options.value("maxTokens", int64_t{0}), int64_t{0});
  prompts[0] = co_await infill_prompt(*model, request.infill, static_cast<size_t>(answer));
  co_await answer_prompts(service, exchange, request, *model, std::move(prompts));
}

}  // namespace hearth::serve::llama
