// Fuzzes templates over a state: each gives one value or one error, the same each time, and what a state has
// is never a template itself.
//
// Bytes of an input: a template, then optionally a zero and a state as JSON.
#include <string>

#include "engine/text/json_text.h"
#include "engine/text/tokenizer_fuzzing.h"
#include "engine/text/unicode.h"
#include "engine/workflow/expression/pattern.h"
#include "engine/workflow/expression/template.h"

namespace hearth::workflow {
using Json = nlohmann::ordered_json;

namespace {

using hearth::fuzzing::require;

void check_value(const Template& read, const Names& names) {
  const Result<Json> first = read.value(names);
  const Result<Json> second = read.value(names);
  require(first.ok() == second.ok(), "a template gives the same each time");
  if (first.ok()) {
    require(write_json(*first) == write_json(*second), "a template gives the same each time");
  } else {
    require(valid_utf8(first.error().message) == first.error().message, "an error is UTF-8");
  }
  (void)read.holds(names);
}

void check(std::string_view source, const Json& object) {
  const State state(object);
  const Json item = "{{ state.secret }}";
  const Names names{state, {{"item", &item}}};
  for (const Result<Template>& read : {Template::text(source), Template::condition(source)}) {
    if (read.ok()) check_value(*read, names);
  }
  const Result<Template> plain = Template::text("{{ state.text }}");
  const State holding(Json{{"text", std::string(source)}, {"secret", 1}});
  const Result<Json> given = plain->value({holding, {}});
  require(!given.ok() || *given == valid_utf8(source), "what a state has is no template");
}

}  // namespace
}  // namespace hearth::workflow

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (size > 4096) return 0;
  const size_t zero = std::min(input.find('\0'), size);
  const auto state = hearth::parse_json(input.substr(std::min(zero + 1, size)), "the state");
  hearth::workflow::check(input.substr(0, zero),
                          state.ok() && state->is_object()
                              ? *state
                              : nlohmann::ordered_json{{"n", 3}, {"items", {1, "a"}}, {"d", {{"k", "v"}}}});
  return 0;
}
