// Actions on texts. Their result is the text, list or number itself.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "engine/grammar/regex.h"
#include "engine/text/jinja/value/string_transform.h"
#include "engine/text/json_text.h"
#include "engine/workflow/actions/parameters.h"
#include "engine/workflow/actions/tables.h"
#include "engine/workflow/actions/text_replace.h"

namespace hearth::workflow {
using Json = nlohmann::ordered_json;

namespace {

std::string written(const Json& value) {
  return value.is_string() ? value.get<std::string>() : write_json(value);
}

/// The operations of Jinja's interpreter, which are bounded.
class Operations {
 public:
  jinja::Budget& budget() { return budget_; }
  static jinja::Text text(std::string_view bytes) { return {bytes, jinja::Origin::kInput}; }
  Result<Step> done(Json result) {
    if (budget_.exhausted())
      return Error{ErrorCode::kUnsupported, fmt::format("the action {}", budget_.reason())};
    return Step(std::move(result));
  }
  Result<Step> done(const jinja::Text& result) { return done(Json(result.bytes())); }

 private:
  jinja::Budget budget_{jinja::Limits()};
};

template <jinja::Text (*change)(const jinja::Text&, jinja::Budget&)>
Result<Step> changed(const Json& parameters, const ActionContext& /*context*/) {
  HEARTH_ASSIGN(const std::string text, Parameters(parameters).text({"text"}));
  Operations operations;
  return operations.done(change(Operations::text(text), operations.budget()));
}

/// In characters.
Result<Step> length(const Json& parameters, const ActionContext& /*context*/) {
  HEARTH_ASSIGN(const std::string text, Parameters(parameters).text({"text"}));
  return Step(Json(Operations::text(text).characters()));
}

/// White space at both ends, as Unicode has it, or the characters of `characters`.
Result<Step> trim(const Json& parameters, const ActionContext& /*context*/) {
  const Parameters given(parameters);
  HEARTH_ASSIGN(const std::string text, given.text({"text"}));
  HEARTH_ASSIGN(const std::string characters, given.text_or({"characters", "chars"}, ""));
  const auto unwanted = characters.empty() ? std::nullopt : std::optional<std::string_view>(characters);
  Operations operations;
  return operations.done(strip(Operations::text(text), jinja::Ends::kBoth, unwanted, operations.budget()));
}

/// text.split: {text, separator, max_parts}; without a separator at white space.
Result<Step> split(const Json& parameters, const ActionContext& /*context*/) {
  const Parameters given(parameters);
  HEARTH_ASSIGN(const std::string text, given.text({"text"}));
  HEARTH_ASSIGN(const std::string separator, given.text_or({"separator", "delimiter", "sep"}, ""));
  HEARTH_ASSIGN(const int64_t most, given.whole_or({"max_parts"}, 0));
  if (most < 0) return Error{ErrorCode::kInvalidArgument, "the parameter 'max_parts' must not be negative"};
  Operations operations;
  const jinja::Text whole = Operations::text(text);
  const std::vector<jinja::Text> split_up =
      separator.empty() ? jinja::split_words(whole, most - 1, operations.budget())
                        : jinja::split(whole, separator, most - 1, operations.budget());
  Json parts = Json::array();
  for (const jinja::Text& part : split_up) parts.push_back(part.bytes());
  return operations.done(std::move(parts));
}

/// text.join: {items, separator}
Result<Step> join(const Json& parameters, const ActionContext& /*context*/) {
  const Parameters given(parameters);
  HEARTH_ASSIGN(const Json* items, given.value({"items", "texts", "parts"}));
  if (!items->is_array()) return Error{ErrorCode::kInvalidArgument, "the parameter 'items' must be a list"};
  HEARTH_ASSIGN(const std::string separator, given.text_or({"separator", "delimiter", "sep"}, ""));
  std::string all;
  for (size_t i = 0; i < items->size(); ++i) all += (i == 0 ? "" : separator) + written((*items)[i]);
  return Step(Json(std::move(all)));
}

/// text.replace: {text, find, replacement}, or {text, pattern, replacement} with a regular expression.
Result<Step> replace(const Json& parameters, const ActionContext& /*context*/) {
  const Parameters given(parameters);
  HEARTH_ASSIGN(const std::string text, given.text({"text"}));
  HEARTH_ASSIGN(const std::string replacement, given.text_or({"replacement", "replace", "with"}, ""));
  if (given.find({"pattern", "regex"}) != nullptr) {
    HEARTH_ASSIGN(const std::string pattern, given.text({"pattern", "regex"}));
    Result<RegularSet> matches = regular_set_of(pattern, RegexUse::kWhole);
    if (!matches.ok())
      return Error{matches.error().code, fmt::format("the parameter 'pattern': {}", matches.error().message)};
    HEARTH_ASSIGN(std::string replaced, replace_matches(text, *matches, replacement));
    return Step(Json(std::move(replaced)));
  }
  HEARTH_ASSIGN(const std::string wanted, given.text({"find", "old"}));
  if (wanted.empty()) return Error{ErrorCode::kInvalidArgument, "the parameter 'find' must not be empty"};
  Operations operations;
  return operations.done(
      jinja::replace(Operations::text(text), wanted, Operations::text(replacement), -1, operations.budget()));
}

/// text.template: {template}, whose templates stand for values already when it comes here. Where there are
/// `values`, {name} in what is left stands for one of them, and {{ and }} for braces.
Result<Step> fill(const Json& parameters, const ActionContext& /*context*/) {
  const Parameters given(parameters);
  HEARTH_ASSIGN(const Json* source, given.value({"template", "text"}));
  const Json* values = given.find({"values", "variables", "data"});
  if (values == nullptr || !source->is_string()) return Step(Json(written(*source)));
  if (!values->is_object())
    return Error{ErrorCode::kInvalidArgument, "the parameter 'values' must be an object"};
  std::string all;
  for (std::string_view rest = source->get_ref<const std::string&>(); !rest.empty();) {
    const size_t brace = std::min(rest.find_first_of("{}"), rest.size());
    all += rest.substr(0, brace);
    rest.remove_prefix(brace);
    if (rest.empty()) break;
    if (rest.starts_with("{{") || rest.starts_with("}}")) {
      all += rest.front();
      rest.remove_prefix(2);
      continue;
    }
    const size_t end = rest.find('}');
    const std::string name(rest.substr(1, end == std::string_view::npos ? 0 : end - 1));
    const auto value = values->find(name);
    if (rest.front() == '}' || end == std::string_view::npos || value == values->end()) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("the parameter 'template' has '{}', and 'values' has no such name; a brace "
                               "alone is written twice",
                               rest.substr(0, std::min(end, size_t{40}) + 1))};
    }
    all += written(*value);
    rest.remove_prefix(end + 1);
  }
  return Step(Json(std::move(all)));
}

constexpr Action kTextActions[] = {
    {"text.split", split},
    {"text.join", join},
    {"text.replace", replace},
    {"text.template", fill},
    {"template", fill},
    {"template.render", fill},
    {"template.format", fill},
    {"text.trim", trim},
    {"text.upper", changed<jinja::to_upper>},
    {"text.lower", changed<jinja::to_lower>},
    {"text.length", length},
};

}  // namespace

std::span<const Action> text_actions() { return kTextActions; }

}  // namespace hearth::workflow
