#include "bindings/node/convert.h"

#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace hearth::node {
namespace {

/// A member if it is there: neither undefined nor null.
std::optional<Napi::Value> member(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (value.IsEmpty() || value.IsUndefined() || value.IsNull()) return std::nullopt;
  return value;
}

template <typename T>
std::optional<T> number(const Napi::Object& object, const char* name) {
  const auto value = member(object, name);
  if (!value) return std::nullopt;
  if (value->IsBoolean()) return static_cast<T>(value->As<Napi::Boolean>().Value());
  return static_cast<T>(value->ToNumber().DoubleValue());
}

std::string text(const Napi::Object& object, const char* name) {
  const auto value = member(object, name);
  return value ? value->ToString().Utf8Value() : std::string();
}

template <typename T>
void take(const Napi::Object& object, const char* name, T& into) {
  into = number<T>(object, name).value_or(into);
}

std::vector<Napi::Value> elements(const Napi::Object& object, const char* name) {
  std::vector<Napi::Value> all;
  const auto value = member(object, name);
  if (!value || !value->IsArray()) return all;
  const auto array = value->As<Napi::Array>();
  for (uint32_t index = 0; index < array.Length(); ++index) all.push_back(array.Get(index));
  return all;
}

/// The choices that a caller made, with the memory that hearth_generation_options points to.
struct Choices {
  std::optional<int32_t> max_tokens, top_k, penalty_window;
  std::optional<float> temperature, top_p, min_p, repetition_penalty, frequency_penalty, presence_penalty;
  std::optional<uint64_t> seed;
  bool ignore_end = false;
  bool continues_text = false;
  std::vector<std::string> stop;
  std::vector<const char*> stop_pointers;
  std::vector<int32_t> stop_tokens;
  std::vector<hearth_logit_bias> logit_bias;

  void apply(hearth_generation_options& options) const;
};

void Choices::apply(hearth_generation_options& options) const {
  options.max_tokens = max_tokens.value_or(options.max_tokens);
  options.temperature = temperature.value_or(options.temperature);
  options.top_k = top_k.value_or(options.top_k);
  options.top_p = top_p.value_or(options.top_p);
  options.min_p = min_p.value_or(options.min_p);
  options.repetition_penalty = repetition_penalty.value_or(options.repetition_penalty);
  options.frequency_penalty = frequency_penalty.value_or(options.frequency_penalty);
  options.presence_penalty = presence_penalty.value_or(options.presence_penalty);
  options.penalty_window = penalty_window.value_or(options.penalty_window);
  options.use_seed = seed ? 1 : 0;
  options.seed = seed.value_or(0);
  options.ignore_end = ignore_end ? 1 : 0;
  options.continues_text = continues_text ? 1 : 0;
  options.stop = stop_pointers.data();
  options.stop_count = stop_pointers.size();
  options.stop_tokens = stop_tokens.data();
  options.stop_token_count = stop_tokens.size();
  options.logit_bias = logit_bias.data();
  options.logit_bias_count = logit_bias.size();
}

const char* finish_name(hearth_finish_reason reason) {
  switch (reason) {
    case HEARTH_FINISH_STOP:
      return "stop";
    case HEARTH_FINISH_LENGTH:
      return "length";
    case HEARTH_FINISH_CANCELLED:
      return "cancelled";
    case HEARTH_FINISH_ERROR:
      return "error";
    case HEARTH_FINISH_NONE:
      break;
  }
  return "";
}

}  // namespace

Napi::Value to_error(Napi::Env env, const Failure& failure) {
  Napi::Error error = Napi::Error::New(env, failure.message);
  error.Value().Set("code", hearth_status_name(failure.status));
  return error.Value();
}

LoadRequest load_request(const Napi::Object& options) {
  LoadRequest request;
  request.path = text(options, "path");
  for (const Napi::Value& part : elements(options, "memory")) {
    const auto bytes = part.As<Napi::Uint8Array>();
    request.memory.push_back({bytes.Data(), bytes.ByteLength()});
  }
  hearth_model_options_init(&request.options, sizeof(request.options));
  take(options, "contextSize", request.options.context_size);
  take(options, "cachePositions", request.options.cache_positions);
  take(options, "maxSequences", request.options.max_sequences);
  take(options, "maxBatchRows", request.options.max_batch_rows);
  take(options, "threads", request.options.threads);
  take(options, "memoryLimit", request.options.memory_limit);
  request.kv_type = text(options, "kvType");
  request.instruction_set = text(options, "instructionSet");
  return request;
}

std::function<void(hearth_generation_options& options)> generation_choices(const Napi::Object& options) {
  const auto choices = std::make_shared<Choices>();
  choices->max_tokens = number<int32_t>(options, "maxTokens");
  choices->temperature = number<float>(options, "temperature");
  choices->top_k = number<int32_t>(options, "topK");
  choices->top_p = number<float>(options, "topP");
  choices->min_p = number<float>(options, "minP");
  choices->repetition_penalty = number<float>(options, "repetitionPenalty");
  choices->frequency_penalty = number<float>(options, "frequencyPenalty");
  choices->presence_penalty = number<float>(options, "presencePenalty");
  choices->penalty_window = number<int32_t>(options, "penaltyWindow");
  choices->seed = number<uint64_t>(options, "seed");
  choices->ignore_end = number<bool>(options, "ignoreEnd").value_or(false);
  choices->continues_text = number<bool>(options, "continuesText").value_or(false);
  for (const Napi::Value& stop : elements(options, "stop"))
    choices->stop.push_back(stop.ToString().Utf8Value());
  for (const std::string& stop : choices->stop) choices->stop_pointers.push_back(stop.c_str());
  if (const auto ends = member(options, "stopTokens")) choices->stop_tokens = tokens_of(*ends);
  for (const Napi::Value& pair : elements(options, "logitBias")) {
    const auto bias = pair.As<Napi::Array>();
    choices->logit_bias.push_back(
        {bias.Get(0U).ToNumber().Int32Value(), bias.Get(1U).ToNumber().FloatValue()});
  }
  return [choices](hearth_generation_options& given) { choices->apply(given); };
}

std::vector<int32_t> tokens_of(const Napi::Value& value) {
  const auto tokens = value.As<Napi::Int32Array>();
  return {tokens.Data(), tokens.Data() + tokens.ElementLength()};
}

Napi::Value to_tokens(Napi::Env env, const std::vector<int32_t>& tokens) {
  auto array = Napi::Int32Array::New(env, tokens.size());
  std::copy(tokens.begin(), tokens.end(), array.Data());
  return array;
}

Napi::Object to_result(Napi::Env env, const StreamEvent& event) {
  auto result = Napi::Object::New(env);
  result.Set("finishReason", finish_name(event.finish));
  if (event.failure) result.Set("error", to_error(env, event.failure));
  result.Set("promptTokens", event.prompt_tokens);
  result.Set("cachedTokens", event.cached_tokens);
  result.Set("completionTokens", event.completion_tokens);
  result.Set("queuedMs", event.queued_ms);
  result.Set("prefillMs", event.prefill_ms);
  result.Set("decodeMs", event.decode_ms);
  return result;
}

const char* stage_name(hearth_load_stage stage) {
  switch (stage) {
    case HEARTH_STAGE_PARSE:
      return "parse";
    case HEARTH_STAGE_READ:
      return "read";
    case HEARTH_STAGE_INITIALIZE:
      return "initialize";
    case HEARTH_STAGE_READY:
      break;
  }
  return "ready";
}

}  // namespace hearth::node
