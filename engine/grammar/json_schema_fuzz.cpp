// Fuzzes the reader of JSON schemas. An input is a schema, a zero byte, and a text.
//
// What must hold of any: no text is allowed both by a schema and by its negation; a schema within `allOf` or
// `anyOf`, alone, means the same.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "engine/grammar/json_schema.h"
#include "engine/grammar/text_match.h"

namespace hearth::fuzzing {
namespace {

constexpr size_t kMostBytes = 2048;

void require(bool holds) {
  if (!holds) std::abort();
}

/// Nothing where the schema is refused or the text could be read in too many ways.
std::optional<bool> allows(const std::string& schema, std::string_view text) {
  const Result<Grammar> grammar = read_json_schema(schema);
  if (!grammar.ok()) return std::nullopt;
  const Result<TextMatch> match = match_text(*grammar, text);
  if (!match.ok()) return std::nullopt;
  return match->verdict == TextVerdict::kAccepted;
}

void check_schema(const std::string& schema, std::string_view text) {
  const std::optional<bool> allowed = allows(schema, text);
  // References, names and drafts mean something else, deeper within a schema.
  if (!allowed || schema.find('$') != std::string::npos || schema.find("\\u") != std::string::npos) return;
  const std::optional<bool> negated = allows("{\"not\":" + schema + "}", text);
  require(!(*allowed && negated.value_or(false)));
  for (const char* keyword : {"allOf", "anyOf"}) {
    const std::optional<bool> alone = allows("{\"" + std::string(keyword) + "\":[" + schema + "]}", text);
    require(alone.value_or(*allowed) == *allowed);
  }
}

}  // namespace
}  // namespace hearth::fuzzing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (size > hearth::fuzzing::kMostBytes) return 0;
  const size_t zero = input.find('\0');
  const std::string_view text = zero == std::string_view::npos ? "null" : input.substr(zero + 1);
  hearth::fuzzing::check_schema(std::string(input.substr(0, zero)), text);
  return 0;
}
