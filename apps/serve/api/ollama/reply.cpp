#include "apps/serve/api/ollama/reply.h"

#include <utility>

#include "apps/serve/api/time_text.h"

namespace hearth::serve::ollama {

using nlohmann::ordered_json;
using std::chrono::nanoseconds;

namespace {

int64_t nanoseconds_of(double milliseconds) { return static_cast<int64_t>(milliseconds * 1e6); }

int64_t nanoseconds_of(ReplyWriter::Clock::duration span) {
  return std::chrono::duration_cast<nanoseconds>(span).count();
}

ordered_json token_json(const ordered_json& token) {
  return {{"token", token["text"]}, {"logprob", token["logprob"]}, {"bytes", token["bytes"]}};
}

ordered_json logprobs_json(const ordered_json& logprobs) {
  ordered_json list = ordered_json::array();
  for (const ordered_json& chosen : logprobs) {
    ordered_json token = token_json(chosen);
    for (const ordered_json& likely : chosen["topLogprobs"])
      token["top_logprobs"].push_back(token_json(likely));
    list.push_back(std::move(token));
  }
  return list;
}

}  // namespace

ordered_json ReplyWriter::line(const AnswerPart& part) const {
  ordered_json line = {{"model", model_}, {"created_at", time_text(std::chrono::system_clock::now())}};
  if (form_ == Form::kGenerate) {
    line["response"] = part.text;
    if (!part.reasoning.empty()) line["thinking"] = part.reasoning;
  } else {
    line["message"] = {{"role", "assistant"}, {"content", part.text}};
    if (!part.reasoning.empty()) line["message"]["thinking"] = part.reasoning;
  }
  return line;
}

/// Those that end in the part.
ordered_json ReplyWriter::take_calls(const AnswerPart& part) {
  ordered_json whole = ordered_json::array();
  for (const CallPart& piece : part.calls) {
    calls_.add(piece);
    if (!piece.whole) continue;
    for (const CallPart& call : calls_.calls) {
      if (call.index != piece.index) continue;
      ordered_json arguments = ordered_json::parse(call.arguments, nullptr, false);
      if (!arguments.is_object()) arguments = ordered_json::object();
      const ordered_json function = {
          {"index", call.index}, {"name", call.name}, {"arguments", std::move(arguments)}};
      whole.push_back({{"id", call.id}, {"function", function}});
    }
  }
  return whole;
}

ordered_json ReplyWriter::line_of(const AnswerPart& part) {
  ordered_json told = line(part);
  ordered_json calls = take_calls(part);
  if (!calls.empty()) told["message"]["tool_calls"] = std::move(calls);
  if (!part.logprobs.empty()) told["logprobs"] = logprobs_json(part.logprobs);
  told["done"] = part.ended();
  if (part.ended()) add_figures(part, told);
  return told;
}

ordered_json ReplyWriter::line_of_no_answer(std::string_view reason) const {
  ordered_json told = line({});
  told["done"] = true;
  told["done_reason"] = reason;
  return told;
}

void ReplyWriter::add_figures(const AnswerPart& last, ordered_json& line) const {
  const AnswerFigures& figures = last.figures;
  line["done_reason"] = last.finish == HEARTH_FINISH_LENGTH ? "length" : "stop";
  line["total_duration"] = nanoseconds_of(Clock::now() - begun_);
  line["load_duration"] = nanoseconds_of(loaded_ - begun_);
  line["prompt_eval_count"] = figures.prompt_tokens;
  line["prompt_eval_duration"] = nanoseconds_of(figures.prefill_ms);
  line["eval_count"] = figures.completion_tokens;
  line["eval_duration"] = nanoseconds_of(figures.decode_ms);
}

}  // namespace hearth::serve::ollama
