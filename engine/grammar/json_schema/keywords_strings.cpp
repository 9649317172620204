#include <algorithm>
#include <string>

#include "engine/grammar/json_schema/formats.h"
#include "engine/grammar/json_schema/keywords.h"
#include "engine/grammar/regex.h"

namespace hearth::json_schema {
namespace {

Result<void> keep(const Keywords& keywords, const std::string& steps, std::string_view pattern, RegexUse use,
                  StringSet& strings) {
  const std::string pointer = keywords.pointer(steps);
  HEARTH_ASSIGN(const RegularSet texts, located(regular_set_of(pattern, use), pointer));
  keywords.solver().algebra().add_work(texts.states().size());
  HEARTH_ASSIGN(strings.texts, located(strings.texts & texts, pointer));
  return {};
}

}  // namespace

Result<void> read_strings(const Keywords& keywords, ValueSet& set) {
  StringSet& strings = set.strings;
  if (strings.texts.empty()) return {};
  HEARTH_ASSIGN(const std::optional<uint64_t> least, keywords.count("minLength"));
  HEARTH_ASSIGN(const std::optional<uint64_t> most, keywords.count("maxLength"));
  strings.least = least.value_or(0);
  strings.most = most;
  if (const Json* pattern = keywords.find("pattern")) {
    if (!pattern->is_string()) return keywords.invalid("/pattern", "here should be a regular expression");
    HEARTH_TRY(keep(keywords, "/pattern", pattern->get<std::string>(), RegexUse::kSomewhere, strings));
  }
  if (const Json* format = keywords.find("format"); format != nullptr && format->is_string()) {
    if (const auto pattern = format_pattern(format->get<std::string>())) {
      HEARTH_TRY(keep(keywords, "/format", *pattern, RegexUse::kWhole, strings));
    }
  }
  HEARTH_ASSIGN(const bool empty, located(Algebra::is_empty(strings), keywords.pointer("")));
  if (empty) strings = {RegularSet(), 0, std::nullopt};
  return {};
}

}  // namespace hearth::json_schema
