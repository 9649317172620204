#include "bindings/node/convert.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "engine/runtime/options.h"

namespace hearth::node {
namespace {

/// A member if it is there: neither undefined nor null.
std::optional<Napi::Value> member(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (value.IsEmpty() || value.IsUndefined() || value.IsNull()) return std::nullopt;
  return value;
}

std::string text(const Napi::Object& object, const char* name) {
  const auto value = member(object, name);
  return value ? value->ToString().Utf8Value() : std::string();
}

std::vector<Napi::Value> elements(const Napi::Object& object, const char* name) {
  std::vector<Napi::Value> all;
  const auto value = member(object, name);
  if (!value || !value->IsArray()) return all;
  const auto array = value->As<Napi::Array>();
  for (uint32_t index = 0; index < array.Length(); ++index) all.push_back(array.Get(index));
  return all;
}

/// A number of the table with its option.
template <typename Struct>
struct Chosen {
  const OptionOf<Struct>* option;
  double value;
};

/// Every option of the engine's table that is kept as a number and given. INVALID_ARGUMENT naming one that
/// cannot be.
template <typename Struct>
Result<std::vector<Chosen<Struct>>> numbers_of(const Napi::Object& object) {
  std::vector<Chosen<Struct>> all;
  for (const OptionOf<Struct>& option : option_table<Struct>()) {
    const auto value = is_number(option) ? member(object, option.name.data()) : std::nullopt;
    if (!value) continue;
    const bool is_sound = value->IsNumber() || value->IsBoolean();
    const double number = is_sound ? value->ToNumber().DoubleValue() : 0;
    if (!is_sound || !accepts(option, number)) {
      return wrong_value(option, option.name, value->ToString().Utf8Value());
    }
    all.push_back({&option, number});
  }
  return all;
}

/// The choices that a caller made, with the memory that hearth_generation_options points to.
struct Choices {
  std::vector<Chosen<hearth_generation_options>> numbers;
  bool continues_text = false;
  std::vector<std::string> stop;
  std::vector<const char*> stop_pointers;
  std::vector<int32_t> stop_tokens;
  std::vector<hearth_logit_bias> logit_bias;

  void apply(hearth_generation_options& options) const;
};

void Choices::apply(hearth_generation_options& options) const {
  for (const auto& [option, value] : numbers) (void)set_option(options, *option, value);
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
  const auto numbers = numbers_of<hearth_model_options>(options);
  if (!numbers.ok()) {
    request.failure = {HEARTH_INVALID_ARGUMENT, numbers.error().message};
    return request;
  }
  for (const auto& [option, value] : *numbers) (void)set_option(request.options, *option, value);
  request.kv_type = text(options, "kvType");
  request.instruction_set = text(options, "instructionSet");
  return request;
}

Result<std::function<void(hearth_generation_options& options)>> generation_choices(
    const Napi::Object& options) {
  const auto choices = std::make_shared<Choices>();
  HEARTH_ASSIGN(choices->numbers, numbers_of<hearth_generation_options>(options));
  const auto continues = member(options, "continuesText");
  choices->continues_text = continues && continues->ToBoolean().Value();
  for (const Napi::Value& stop : elements(options, "stop"))
    choices->stop.push_back(stop.ToString().Utf8Value());
  for (const std::string& stop : choices->stop) choices->stop_pointers.push_back(stop.c_str());
  if (const auto ends = member(options, "stopTokens")) choices->stop_tokens = tokens_of(*ends);
  for (const Napi::Value& pair : elements(options, "logitBias")) {
    const auto bias = pair.As<Napi::Array>();
    choices->logit_bias.push_back(
        {bias.Get(0U).ToNumber().Int32Value(), bias.Get(1U).ToNumber().FloatValue()});
  }
  return std::function([choices](hearth_generation_options& given) { choices->apply(given); });
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
  result.Set("seed", static_cast<double>(event.seed));
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
