#include "bindings/wasm/options.h"

#include <limits>
#include <type_traits>
#include <utility>

namespace hearth::wasm {
namespace {

using nlohmann::json;

/// A number of JavaScript as T; what is out of its range becomes its nearest.
template <typename T>
T to(const json& value) {
  if (value.is_boolean()) return static_cast<T>(value.get<bool>());
  const auto number = value.get<double>();
  if constexpr (std::is_floating_point_v<T>) {
    return static_cast<T>(number);
  } else {
    if (number <= static_cast<double>(std::numeric_limits<T>::min())) return std::numeric_limits<T>::min();
    if (number >= static_cast<double>(std::numeric_limits<T>::max())) return std::numeric_limits<T>::max();
    return static_cast<T>(number);
  }
}

/// The member if it is a number, true or false.
const json* number(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && (found->is_number() || found->is_boolean()) ? &*found : nullptr;
}

template <typename T>
void take(const json& object, const char* name, T& into) {
  if (const json* value = number(object, name)) into = to<T>(*value);
}

std::string text_of(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// The elements of a member that is an array; otherwise none.
json::array_t elements(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_array() ? found->get<json::array_t>() : json::array_t();
}

json object_from(std::string_view text) {
  json object = json::parse(text, nullptr, false);
  return object.is_object() ? object : json::object();
}

}  // namespace

LoadRequest::LoadRequest(std::string_view text) {
  const json object = object_from(text);
  for (const json& from : elements(object, "parts")) {
    Part part;
    part.name = text_of(from, "name");
    take(from, "size", part.size);
    take(from, "address", part.address);
    take(from, "readsAhead", part.reads_ahead);
    in_memory = part.address != 0;
    parts.push_back(std::move(part));
  }
  hearth_model_options_init(&options, sizeof options);
  take(object, "contextSize", options.context_size);
  take(object, "cachePositions", options.cache_positions);
  take(object, "maxSequences", options.max_sequences);
  take(object, "maxBatchRows", options.max_batch_rows);
  take(object, "threads", options.threads);
  take(object, "memoryLimit", options.memory_limit);
  kv_type_ = text_of(object, "kvType");
  if (!kv_type_.empty()) options.kv_type = kv_type_.c_str();
  instruction_set_ = text_of(object, "instructionSet");
  if (!instruction_set_.empty()) options.instruction_set = instruction_set_.c_str();
}

GenerationChoices::GenerationChoices(std::string_view text, hearth_generation_options& options) {
  const json object = object_from(text);
  take(object, "maxTokens", options.max_tokens);
  take(object, "temperature", options.temperature);
  take(object, "topK", options.top_k);
  take(object, "topP", options.top_p);
  take(object, "minP", options.min_p);
  take(object, "repetitionPenalty", options.repetition_penalty);
  take(object, "frequencyPenalty", options.frequency_penalty);
  take(object, "presencePenalty", options.presence_penalty);
  take(object, "penaltyWindow", options.penalty_window);
  options.use_seed = number(object, "seed") != nullptr ? 1 : 0;
  take(object, "seed", options.seed);
  take(object, "ignoreEnd", options.ignore_end);
  take(object, "continuesText", options.continues_text);

  for (const json& stop : elements(object, "stop")) {
    if (stop.is_string()) stop_.push_back(stop.get<std::string>());
  }
  for (const std::string& stop : stop_) stop_pointers_.push_back(stop.c_str());
  options.stop = stop_pointers_.data();
  options.stop_count = stop_pointers_.size();
  for (const json& token : elements(object, "stopTokens")) {
    if (token.is_number()) stop_tokens_.push_back(to<int32_t>(token));
  }
  options.stop_tokens = stop_tokens_.data();
  options.stop_token_count = stop_tokens_.size();
  for (const json& pair : elements(object, "logitBias")) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_number()) continue;
    const float bias = pair[1].is_number() ? to<float>(pair[1]) : -std::numeric_limits<float>::infinity();
    logit_bias_.push_back({to<int32_t>(pair[0]), bias});
  }
  options.logit_bias = logit_bias_.data();
  options.logit_bias_count = logit_bias_.size();
}

}  // namespace hearth::wasm
