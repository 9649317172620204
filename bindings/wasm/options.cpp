#include "bindings/wasm/options.h"

#include <limits>
#include <optional>
#include <utility>

#include "engine/runtime/options.h"

namespace hearth::wasm {
namespace {

using nlohmann::json;

/// A member of ours, which users have no part in; it keeps its default where it is missing.
template <typename T>
void take(const json& object, const char* name, T& into) {
  const auto found = object.find(name);
  if (found == object.end()) return;
  if (found->is_boolean()) into = static_cast<T>(found->get<bool>());
  if (found->is_number()) into = static_cast<T>(found->get<double>());
}

/// Every option of the engine's table that is kept as a number.
template <typename Struct>
Result<void> take_numbers(const json& object, Struct& options) {
  for (const OptionOf<Struct>& option : option_table<Struct>()) {
    const auto found = object.find(std::string(option.name));
    if (found == object.end() || !is_number(option)) continue;
    if (!found->is_number() && !found->is_boolean()) return wrong_value(option, option.name, found->dump());
    const double value = found->is_boolean() ? (found->get<bool>() ? 1 : 0) : found->get<double>();
    HEARTH_TRY(set_option(options, option, value));
  }
  return {};
}

/// A token as JSON; none where it cannot be one.
std::optional<int32_t> token_of(const json& value) {
  const double number = value.is_number() ? value.get<double>() : -1;
  if (!(number >= 0 && number <= std::numeric_limits<int32_t>::max())) return std::nullopt;
  return static_cast<int32_t>(number);
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

Result<void> LoadRequest::read(std::string_view text) {
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
  HEARTH_TRY(take_numbers(object, options));
  kv_type_ = text_of(object, "kvType");
  if (!kv_type_.empty()) options.kv_type = kv_type_.c_str();
  instruction_set_ = text_of(object, "instructionSet");
  if (!instruction_set_.empty()) options.instruction_set = instruction_set_.c_str();
  return {};
}

Result<void> GenerationChoices::apply(std::string_view text, hearth_generation_options& options) {
  const json object = object_from(text);
  HEARTH_TRY(take_numbers(object, options));
  take(object, "continuesText", options.continues_text);

  for (const json& stop : elements(object, "stop")) {
    if (stop.is_string()) stop_.push_back(stop.get<std::string>());
  }
  for (const std::string& stop : stop_) stop_pointers_.push_back(stop.c_str());
  options.stop = stop_pointers_.data();
  options.stop_count = stop_pointers_.size();
  for (const json& value : elements(object, "stopTokens")) {
    const auto token = token_of(value);
    if (!token) return Error{ErrorCode::kInvalidArgument, "stopTokens: " + value.dump() + " is no token"};
    stop_tokens_.push_back(*token);
  }
  options.stop_tokens = stop_tokens_.data();
  options.stop_token_count = stop_tokens_.size();
  for (const json& pair : elements(object, "logitBias")) {
    const auto token = pair.is_array() && pair.size() == 2 ? token_of(pair[0]) : std::nullopt;
    if (!token) return Error{ErrorCode::kInvalidArgument, "logitBias: " + pair.dump() + " names no token"};
    const float bias = pair[1].is_number() ? pair[1].get<float>() : -std::numeric_limits<float>::infinity();
    logit_bias_.push_back({*token, bias});
  }
  options.logit_bias = logit_bias_.data();
  options.logit_bias_count = logit_bias_.size();
  return {};
}

}  // namespace hearth::wasm
