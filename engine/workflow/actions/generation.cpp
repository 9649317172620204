#include "engine/workflow/actions/generation.h"

#include <algorithm>
#include <map>
#include <span>

#include "engine/text/json_text.h"
#include "engine/workflow/actions/answers.h"
#include "engine/workflow/actions/parameters.h"

namespace hearth::workflow {
using Json = nlohmann::ordered_json;

namespace {

/// Options of generation by other names.
const std::map<std::string_view, std::string_view> kOptionNames = {{"max_tokens", "maxTokens"},
                                                                   {"max_completion_tokens", "maxTokens"},
                                                                   {"top_p", "topP"},
                                                                   {"top_k", "topK"},
                                                                   {"min_p", "minP"},
                                                                   {"repeat_penalty", "repetitionPenalty"},
                                                                   {"presence_penalty", "presencePenalty"},
                                                                   {"frequency_penalty", "frequencyPenalty"},
                                                                   {"json_schema", "jsonSchema"},
                                                                   {"schema", "jsonSchema"}};

/// What other engines are told of where a model runs, which here it does by itself.
constexpr std::string_view kPassedOver[] = {"backend",      "provider",   "api_base", "api_key",
                                            "n_gpu_layers", "model_path", "n_ctx",    "n_threads",
                                            "max_retries",  "opik_trace", "stream",   "timeout"};

constexpr std::string_view kOwn[] = {"model",  "messages",      "prompt",          "message", "text",
                                     "system", "system_prompt", "response_format", "tools",   "tool_choice"};

bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// response_format, as OpenAI's API has it.
Result<void> take_format(const Json& format, Json& options) {
  const std::string type = text_in(format, "type");
  if (type == "text") return {};
  if (type == "json_object") {
    options["jsonSchema"] = {{"type", "object"}};
    return {};
  }
  const auto schema = format.find("json_schema");
  if (type != "json_schema" || schema == format.end() || !schema->is_object()) {
    return Error{
        ErrorCode::kInvalidArgument,
        "response_format is {type: text}, {type: json_object} or {type: json_schema, json_schema: ...}"};
  }
  options["jsonSchema"] = schema->contains("schema") ? (*schema)["schema"] : *schema;
  return {};
}

Result<Json> conversation(const Parameters& given) {
  if (const Json* messages = given.find({"messages"})) {
    if (!messages->is_array())
      return Error{ErrorCode::kInvalidArgument, "the parameter 'messages' must be a list"};
    return *messages;
  }
  Json messages = Json::array();
  HEARTH_ASSIGN(const std::string system, given.text_or({"system", "system_prompt"}, ""));
  if (!system.empty()) messages.push_back({{"role", "system"}, {"content", system}});
  HEARTH_ASSIGN(const Json* prompt, given.value({"prompt", "message", "text"}));
  // A value that is no text is shown to the model as JSON.
  messages.push_back({{"role", "user"},
                      {"content", prompt->is_string() ? prompt->get<std::string>() : write_json(*prompt)}});
  return messages;
}

}  // namespace

Json with_settings(const Json& parameters, const ActionContext& context) {
  Json all = context.llm.is_object() ? context.llm : Json::object();
  all.update(parameters);
  return all;
}

Result<Call> generation(const Json& parameters, const ActionContext& context) {
  const Json all = with_settings(parameters, context);
  const Parameters given(all);
  HEARTH_ASSIGN(Json messages, conversation(given));
  Json options = Json::object();
  for (auto entry = all.begin(); entry != all.end(); ++entry) {
    const std::string& name = entry.key();
    if (is_one_of(kPassedOver, name) || is_one_of(kOwn, name)) continue;
    const auto other = kOptionNames.find(name);
    options[other == kOptionNames.end() ? name : std::string(other->second)] = entry.value();
  }
  if (const Json* format = given.find({"response_format"})) HEARTH_TRY(take_format(*format, options));
  HEARTH_ASSIGN(const std::string model, given.text_or({"model"}, ""));
  Json request = {{"model", model}, {"messages", std::move(messages)}, {"options", std::move(options)}};
  for (const auto& [theirs, ours] : {std::pair{"tools", "tools"}, {"tool_choice", "toolChoice"}}) {
    if (const Json* value = given.find({theirs})) request[ours] = *value;
  }
  return Call{"generate", std::move(request)};
}

Json usage_of(const Json& answer) {
  const Json& usage = object_in(answer, "usage");
  const int64_t prompt = count_in(usage, "promptTokens");
  const int64_t completion = count_in(usage, "completionTokens");
  return {
      {"prompt_tokens", prompt}, {"completion_tokens", completion}, {"total_tokens", prompt + completion}};
}

Json reply(const Json& answer) {
  Json result = {{"content", text_in(answer, "text")},
                 {"model", text_in(answer, "model")},
                 {"backend", "local"},
                 {"finish_reason", text_in(answer, "finishReason")},
                 {"usage", usage_of(answer)}};
  for (const auto& [ours, theirs] : {std::pair{"reasoning", "reasoning"}, {"toolCalls", "tool_calls"}}) {
    if (answer.contains(ours) && !answer[ours].empty()) result[theirs] = answer[ours];
  }
  return result;
}

}  // namespace hearth::workflow
