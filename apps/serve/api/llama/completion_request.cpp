#include "apps/serve/api/llama/completion_request.h"

#include <fmt/format.h>

#include "apps/serve/api/random_id.h"
#include "apps/serve/refusal.h"

namespace hearth::serve::llama {

using nlohmann::ordered_json;

namespace {

constexpr int64_t kMostProbabilities = 20;

void read_common(const Members& body, CompletionRequest& request) {
  openai::read_generation(body, request);
  request.probabilities = body.integer("n_probs", 0, kMostProbabilities, 0);
  request.return_tokens = body.flag("return_tokens", false);
  request.slot = body.integer("id_slot", -1, INT32_MAX, -1);
  request.indent = body.integer("n_indent", INT32_MIN, INT32_MAX, 0);
  request.milliseconds = body.integer("t_max_predict_ms", INT32_MIN, INT32_MAX, 0);
  request.after_sampling = body.flag("post_sampling_probs", false);
  if (request.after_sampling && body["temperature"] != 0) {
    throw Refusal(400, ErrorCode::kUnsupported,
                  "post_sampling_probs: with a temperature, probabilities are told as the model has them, "
                  "before sampling")
        .about("post_sampling_probs");
  }
  for (const ordered_json& field : body.array("response_fields")) {
    if (!field.is_string()) body.refuse("response_fields", "must be a list of names");
    request.response_fields.push_back(field.get<std::string>());
  }
  // Nothing that others have read has this salt.
  if (!body.flag("cache_prompt", true)) request.options["cacheSalt"] = random_id("");
  request.options["continuesText"] = true;
}

InfillFile file_of(const ordered_json& json, const std::string& path) {
  if (!json.is_object()) refuse_param(path, "must be an object");
  const Members file(json, path);
  if (!file.has("text")) file.refuse("text", "is missing");
  return {file.text("filename", "tmp"), file.text("text")};
}

}  // namespace

CompletionRequest read_completion_request(const ordered_json& json) {
  const Members body(json);
  CompletionRequest request;
  request.prompts = openai::read_prompts(body, "prompt");
  read_common(body, request);
  return request;
}

CompletionRequest read_infill_request(const ordered_json& json) {
  const Members body(json);
  CompletionRequest request;
  for (const char* name : {"input_prefix", "input_suffix"}) {
    if (!body.has(name)) body.refuse(name, "is missing");
  }
  request.infill.prefix = body.text("input_prefix");
  request.infill.suffix = body.text("input_suffix");
  request.infill.line = body.text("prompt");
  const ordered_json& extra = body.array("input_extra");
  for (size_t index = 0; index < extra.size(); ++index) {
    request.infill.files.push_back(file_of(extra[index], fmt::format("input_extra[{}]", index)));
  }
  read_common(body, request);
  return request;
}

}  // namespace hearth::serve::llama
