#include "apps/serve/api/openai/answer_json.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace hearth::serve::openai {

using nlohmann::ordered_json;

namespace {

double per(double amount, double divisor) { return divisor > 0 ? amount / divisor : 0; }

ordered_json token_logprob(const ordered_json& token) {
  return {{"id", token["id"]},
          {"token", token["text"]},
          {"bytes", token["bytes"]},
          {"logprob", token["logprob"]}};
}

}  // namespace

ordered_json answer_head(std::string_view id, std::string_view object, std::string_view model) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {{"id", id},
          {"object", object},
          {"created", std::chrono::duration_cast<std::chrono::seconds>(now).count()},
          {"model", model},
          {"system_fingerprint", fmt::format("b{}-hearth", hearth_version())}};
}

std::string_view finish_reason(hearth_finish_reason finish) {
  return finish == HEARTH_FINISH_TOOL_CALLS ? "tool_calls" : hearth_finish_reason_name(finish);
}

void Usage::add(const AnswerFigures& figures, bool same_prompt) {
  if (!same_prompt) {
    prompt_tokens += figures.prompt_tokens;
    cached_tokens += figures.cached_tokens;
  }
  completion_tokens += figures.completion_tokens;
  reasoning_tokens += figures.reasoning_tokens;
  drafted_tokens += figures.drafted_tokens;
  accepted_tokens += figures.accepted_tokens;
}

ordered_json usage_json(const Usage& usage) {
  const ordered_json prompt = {{"cached_tokens", usage.cached_tokens}};
  const ordered_json completion = {
      {"reasoning_tokens", usage.reasoning_tokens},
      {"accepted_prediction_tokens", usage.accepted_tokens},
      {"rejected_prediction_tokens", usage.drafted_tokens - usage.accepted_tokens},
  };
  return {{"prompt_tokens", usage.prompt_tokens},
          {"completion_tokens", usage.completion_tokens},
          {"total_tokens", usage.prompt_tokens + usage.completion_tokens},
          {"prompt_tokens_details", prompt},
          {"completion_tokens_details", completion}};
}

ordered_json timings_json(const AnswerFigures& figures) {
  const int32_t read = figures.prompt_tokens - figures.cached_tokens;
  const int32_t written = figures.completion_tokens;
  ordered_json timings = {{"cache_n", figures.cached_tokens},
                          {"prompt_n", read},
                          {"prompt_ms", figures.prefill_ms},
                          {"prompt_per_token_ms", per(figures.prefill_ms, read)},
                          {"prompt_per_second", per(read * 1000.0, figures.prefill_ms)},
                          {"predicted_n", written},
                          {"predicted_ms", figures.decode_ms},
                          {"predicted_per_token_ms", per(figures.decode_ms, written)},
                          {"predicted_per_second", per(written * 1000.0, figures.decode_ms)}};
  if (figures.drafted_tokens > 0) {
    timings["draft_n"] = figures.drafted_tokens;
    timings["draft_n_accepted"] = figures.accepted_tokens;
  }
  return timings;
}

ordered_json prompt_progress_json(const AnswerFigures& figures) {
  return {{"total", figures.prompt_tokens},
          {"cache", figures.cached_tokens},
          {"processed", figures.prompt_tokens},
          {"time_ms", figures.prefill_ms}};
}

ordered_json token_logprobs(const ordered_json& logprobs) {
  ordered_json tokens = ordered_json::array();
  for (const ordered_json& chosen : logprobs) {
    ordered_json token = token_logprob(chosen);
    ordered_json& top = token["top_logprobs"] = ordered_json::array();
    for (const ordered_json& likely : chosen["topLogprobs"]) top.push_back(token_logprob(likely));
    tokens.push_back(std::move(token));
  }
  return tokens;
}

ordered_json logprobs_json(const ordered_json& logprobs) {
  if (logprobs.empty()) return nullptr;
  return {{"content", token_logprobs(logprobs)}, {"refusal", nullptr}};
}

}  // namespace hearth::serve::openai
