#include "apps/serve/api/openai/completion_request.h"

#include <algorithm>

#include "apps/serve/refusal.h"

namespace hearth::serve::openai {

using nlohmann::ordered_json;

namespace {

constexpr int64_t kMostLogprobs = 20;

/// They are a number here, where chat completions have a flag.
void read_old_logprobs(const Members& body, CompletionRequest& request) {
  if (!body.has("logprobs")) return;
  if (body["logprobs"].is_boolean()) {
    if (body.flag("logprobs", false))
      request.options["logprobs"] = body.integer("top_logprobs", 0, kMostLogprobs, 0);
    return;
  }
  request.options["logprobs"] = body.integer("logprobs", 0, kMostLogprobs, 0);
}

}  // namespace

CompletionRequest read_completion_request(const ordered_json& json) {
  const Members body(json);
  CompletionRequest request;
  request.prompts = read_prompts(body, "prompt");
  read_generation(body, request);
  read_old_logprobs(body, request);
  request.options["continuesText"] = true;
  request.suffix = body.text("suffix");
  request.echo = body.flag("echo", false);
  const auto choices = static_cast<int64_t>(request.choices);
  if (body.integer("best_of", 1, INT32_MAX, choices) != choices) {
    body.refuse("best_of", "can't choose among more answers than n asks for: leave it out");
  }
  const bool all_texts = std::all_of(request.prompts.all.begin(), request.prompts.all.end(),
                                     [](const Prompt& prompt) { return !text_of(prompt).empty(); });
  if (!request.suffix.empty() && !all_texts) body.refuse("suffix", "needs a prompt that is text");
  return request;
}

}  // namespace hearth::serve::openai
