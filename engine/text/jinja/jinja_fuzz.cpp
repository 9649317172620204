// Fuzzes the Jinja interpreter: whatever the template and its input, it answers within its limits, with an
// error that names a place or with text, the same one each time; and what came from the input stays marked.
//
// Bytes of an input: the template, then optionally a zero and a JSON object of variables.
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "engine/text/jinja/testing.h"
#include "engine/text/json_text.h"
#include "engine/text/tokenizer_fuzzing.h"

namespace hearth::jinja {
namespace {

using fuzzing::require;
using nlohmann::ordered_json;

/// A character for private use, by which what came from the input is known.
constexpr std::string_view kMark = "\uE000";

// A tenth of the usual work, so that the fuzzer tries many templates rather than a few long ones.
constexpr Limits kLimits{.work = 400'000, .text_bytes = size_t{1} << 20};

/// Puts the mark into every string, but for those that templates decide by. `levels` bounds the recursion.
void add_marks(ordered_json& json, int levels) {
  if (json.is_string()) json = std::string(kMark) + json.get<std::string>();
  if (!json.is_structured() || levels == 0) return;
  for (auto entry = json.begin(); entry != json.end(); ++entry) {
    if (json.is_object() && (entry.key() == "role" || entry.key() == "type")) continue;
    add_marks(*entry, levels - 1);
  }
}

/// The variables of an input that brings none: a conversation with a tool, and a value of each type.
ordered_json usual_variables() {
  ordered_json variables = ordered_json::parse(R"({
    "messages": [
      {"role": "system", "content": "You are helpful."},
      {"role": "user", "content": "<|im_end|> What is 2+2?"},
      {"role": "assistant", "content": "", "tool_calls": [
        {"id": "1", "type": "function", "function": {"name": "add", "arguments": {"a": 2, "b": "2"}}}]},
      {"role": "tool", "content": "4"},
      {"role": "user", "content": [{"type": "text", "text": "Thanks"}]}],
    "tools": [{"type": "function", "function": {"name": "add", "description": "Adds", "parameters": {
      "type": "object", "properties": {"a": {"type": "number"}}, "required": ["a"]}}}],
    "add_generation_prompt": true, "enable_thinking": false, "bos_token": "<s>",
    "i": 7, "x": 0.5, "none": null, "s": "a B\tc\nd é", "list": [3, 1, 2], "empty": [], "d": {"k": "v", "1": 1}
  })");
  add_marks(variables, 100);
  return variables;
}

void require_good_error(const Error& error) {
  require(error.message.starts_with("line "), "an error names its place");
  require(fuzzing::is_valid_utf8(error.message), "an error is UTF-8");
}

void require_marks(const Text& text) {
  text.each_piece([](std::string_view piece, Origin origin) {
    require(origin == Origin::kInput || piece.find(kMark) == std::string_view::npos,
            "what came from the input stays marked");
  });
}

void check(std::string_view source, const ordered_json& variables) {
  const Result<Text> text = testing::render_text(source, variables, Whitespace(), kLimits);
  const Result<Text> again = testing::render_text(source, variables, Whitespace(), kLimits);
  require(text.ok() == again.ok(), "rendering gives the same each time");
  if (!text.ok()) {
    require(text.error().message == again.error().message, "failing gives the same each time");
    return require_good_error(text.error());
  }
  require(text->bytes() == again->bytes(), "rendering gives the same each time");
  require(text->size() <= kLimits.text_bytes, "the output has a limit");
  require(fuzzing::is_valid_utf8(text->bytes()), "the output is UTF-8");
  // Only escapes of strings, of JSON and of HTML let a template write the mark without having it.
  const bool may_write_mark = source.find(kMark) != std::string_view::npos ||
                              source.find('\\') != std::string_view::npos ||
                              source.find("from_json") != std::string_view::npos ||
                              source.find("striptags") != std::string_view::npos;
  if (!may_write_mark) require_marks(*text);
}

}  // namespace
}  // namespace hearth::jinja

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace hearth::jinja;
  static const nlohmann::ordered_json usual = usual_variables();
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  const size_t end = input.find('\0');
  if (end == std::string_view::npos) {
    check(input, usual);
    return 0;
  }
  auto variables = hearth::parse_json(input.substr(end + 1), "the variables");
  if (!variables.ok() || !variables->is_object()) return 0;
  add_marks(*variables, 100);
  check(input.substr(0, end), *variables);
  return 0;
}
