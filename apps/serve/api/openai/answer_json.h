// Parts of answers as OpenAI's API writes them.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "apps/serve/api/answer_parts.h"
#include "apps/serve/service.h"

namespace hearth::serve::openai {

/// What every object of an answer begins with: {"id", "object", "created", "model", "system_fingerprint"}.
nlohmann::ordered_json answer_head(std::string_view id, std::string_view object, std::string_view model);

/// "stop", "length" or "tool_calls".
std::string_view finish_reason(hearth_finish_reason finish);

/// Of the answers to one prompt, or to several of them.
struct Usage {
  int64_t prompt_tokens = 0, cached_tokens = 0, completion_tokens = 0, reasoning_tokens = 0;
  int64_t drafted_tokens = 0, accepted_tokens = 0;

  /// Of one more answer, to the same prompt or to another.
  void add(const AnswerFigures& figures, bool same_prompt);
};
nlohmann::ordered_json usage_json(const Usage& usage);

/// llama-server's: {"cache_n", "prompt_n", "prompt_ms", ..., "predicted_per_second"}.
nlohmann::ordered_json timings_json(const AnswerFigures& figures);

/// How much of a prompt has been read, all of it: {"total", "cache", "processed", "time_ms"}.
nlohmann::ordered_json prompt_progress_json(const AnswerFigures& figures);

/// Of chat completions: {"content": [{"token", "id", "logprob", "bytes", "top_logprobs"}], "refusal": null}.
nlohmann::ordered_json logprobs_json(const nlohmann::ordered_json& logprobs);
/// The list in it.
nlohmann::ordered_json token_logprobs(const nlohmann::ordered_json& logprobs);

}  // namespace hearth::serve::openai
