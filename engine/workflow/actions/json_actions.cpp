// Actions on values of JSON. What they give is what The Edge Agent's give.
#include <algorithm>

#include "engine/text/json_text.h"
#include "engine/workflow/actions/json_path.h"
#include "engine/workflow/actions/parameters.h"
#include "engine/workflow/actions/tables.h"
#include "engine/workflow/schema/schema.h"

namespace hearth::workflow {
using Json = nlohmann::ordered_json;

namespace {

/// json.parse: {text}; `strict: false` makes a result of a text that is no JSON, too.
Result<Step> parse_text(const Json& parameters, const ActionContext& /*context*/) {
  const Parameters given(parameters);
  HEARTH_ASSIGN(const std::string text, given.text({"text", "data"}));
  HEARTH_ASSIGN(const bool is_strict, given.flag_or({"strict"}, true));
  Result<Json> data = parse_json(text, "the parameter 'text'");
  if (data.ok()) return Step(Json{{"data", *std::move(data)}, {"success", true}});
  if (is_strict) return std::move(data).error();
  if (const auto otherwise = parameters.find("default"); otherwise != parameters.end())
    return Step(Json{{"data", *otherwise}, {"success", true}});
  return Step(Json{{"error", data.error().message}, {"success", false}, {"error_type", "parse"}});
}

Json sorted(const Json& value) {
  if (!value.is_structured()) return value;
  Json all = value.is_array() ? Json::array() : Json::object();
  std::vector<std::string> keys;
  if (value.is_array()) {
    for (const Json& item : value) all.push_back(sorted(item));
    return all;
  }
  for (auto entry = value.begin(); entry != value.end(); ++entry) keys.push_back(entry.key());
  std::sort(keys.begin(), keys.end());
  for (const std::string& key : keys) all[key] = sorted(value[key]);
  return all;
}

/// json.stringify: {data, indent, sort_keys}
Result<Step> stringify(const Json& parameters, const ActionContext& /*context*/) {
  const Parameters given(parameters);
  const auto data = parameters.find("data");  // which may be null
  if (data == parameters.end()) return given.value({"data"}).error();
  HEARTH_ASSIGN(const int64_t indent, given.whole_or({"indent"}, -1));
  if (indent > 16) return Error{ErrorCode::kInvalidArgument, "the parameter 'indent' must be at most 16"};
  HEARTH_ASSIGN(const bool sorts, given.flag_or({"sort_keys"}, false));
  const Json value = sorts ? sorted(*data) : *data;
  const std::string text =
      indent < 0 ? write_json(value)
                 : value.dump(static_cast<int>(indent), ' ', false, Json::error_handler_t::replace);
  return Step(Json{{"text", text}, {"success", true}});
}

Result<Json> found_at(const Parameters& given, Parameters::Spellings path_names) {
  HEARTH_ASSIGN(const Json* data, given.value({"data", "value"}));
  HEARTH_ASSIGN(const std::string path, given.text(path_names));
  HEARTH_ASSIGN(std::optional<Json> found, value_at(*data, path));
  if (found) return *std::move(found);
  const Json* otherwise = given.find({"default"});
  return otherwise == nullptr ? Json() : *otherwise;
}

/// json.get: {data, path, default}
Result<Step> get_at_path(const Json& parameters, const ActionContext& /*context*/) {
  HEARTH_ASSIGN(Json found, found_at(Parameters(parameters), {"path", "expression"}));
  return Step(std::move(found));
}

/// json.transform: {data, expression}
Result<Step> transform(const Json& parameters, const ActionContext& /*context*/) {
  HEARTH_ASSIGN(Json found, found_at(Parameters(parameters), {"expression", "path"}));
  HEARTH_ASSIGN(const std::string path, Parameters(parameters).text({"expression", "path"}));
  return Step(Json{{"result", std::move(found)}, {"expression", path}, {"success", true}});
}

void merge_into(Json& into, const Json& from, bool is_deep) {
  for (auto entry = from.begin(); entry != from.end(); ++entry) {
    const auto known = into.find(entry.key());
    if (is_deep && known != into.end() && known->is_object() && entry.value().is_object()) {
      merge_into(*known, entry.value(), true);
    } else {
      into[entry.key()] = entry.value();
    }
  }
}

/// {sources, strategy: deep | shallow | replace}, put together.
Result<Json> merged(const Json& parameters) {
  const Parameters given(parameters);
  HEARTH_ASSIGN(const Json* sources, given.value({"sources", "values"}));
  HEARTH_ASSIGN(const std::string strategy, given.text_or({"strategy"}, "deep"));
  if (strategy != "deep" && strategy != "shallow" && strategy != "replace")
    return Error{ErrorCode::kInvalidArgument, "the parameter 'strategy' must be deep, shallow or replace"};
  const auto is_object = [](const Json& source) { return source.is_object(); };
  if (!sources->is_array() || !std::all_of(sources->begin(), sources->end(), is_object))
    return Error{ErrorCode::kInvalidArgument, "the parameter 'sources' must be a list of objects"};
  Json all = Json::object();
  for (const Json& source : *sources) {
    if (strategy == "replace") {
      all = source;
    } else {
      merge_into(all, source, strategy == "deep");
    }
  }
  return all;
}

/// json.merge
Result<Step> merge(const Json& parameters, const ActionContext& /*context*/) {
  HEARTH_ASSIGN(Json all, merged(parameters));
  const size_t count = Parameters(parameters).find({"sources", "values"})->size();
  return Step(Json{{"result", std::move(all)}, {"source_count", count}, {"success", true}});
}

/// merge: the same, of which the members become keys of the state.
Result<Step> merge_plainly(const Json& parameters, const ActionContext& /*context*/) {
  HEARTH_ASSIGN(Json all, merged(parameters));
  return Step(std::move(all));
}

/// data.validate: {data, schema}
Result<Step> validate(const Json& parameters, const ActionContext& /*context*/) {
  const Parameters given(parameters);
  HEARTH_ASSIGN(const Json* schema_json, given.value({"schema"}));
  HEARTH_ASSIGN(const Schema schema, Schema::read(*schema_json));
  const auto data = parameters.find("data");
  if (data == parameters.end()) return given.value({"data"}).error();
  const Result<void> kept = schema.check(*data, "data");
  if (!kept.ok() && kept.error().code != ErrorCode::kInvalidArgument) return kept.error();
  Json errors = Json::array();
  if (!kept.ok()) {
    const std::string& message = kept.error().message;
    errors.push_back({{"path", message.substr(0, message.find(' '))}, {"message", message}});
  }
  return Step(Json{{"valid", kept.ok()}, {"errors", std::move(errors)}, {"success", true}});
}

constexpr Action kJsonActions[] = {
    {"json.parse", parse_text},    {"json.stringify", stringify}, {"json.get", get_at_path},
    {"json.transform", transform}, {"json.merge", merge},         {"data.merge", merge},
    {"data.validate", validate},   {"merge", merge_plainly},
};

}  // namespace

std::span<const Action> json_actions() { return kJsonActions; }

}  // namespace hearth::workflow
