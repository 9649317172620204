// Rendering in one call, for tests. Test code only.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "engine/text/jinja/interpreter/interpreter.h"
#include "engine/text/jinja/parser/ast.h"

namespace hearth::jinja::testing {

/// 2024-09-03 12:00:00 UTC, so that dates in rendered prompts do not change from day to day.
inline constexpr int64_t kNow = 1725364800;

/// The rendered template, its text marked by origin. Every member of `variables` becomes a name.
inline Result<Text> render_text(std::string_view source, const nlohmann::ordered_json& variables = {},
                                const Whitespace& whitespace = {}, const Limits& limits = {}) {
  HEARTH_ASSIGN(const Block block, parse(source, whitespace));
  Interpreter interpreter(limits, kNow);
  for (auto entry = variables.begin(); entry != variables.end(); ++entry) {
    HEARTH_TRY(interpreter.define_input(entry.key(), entry.value()));
  }
  return interpreter.render(block);
}

/// The rendered text, or "error: " and the message.
inline std::string render(std::string_view source, const nlohmann::ordered_json& variables = {},
                          const Whitespace& whitespace = {}, const Limits& limits = {}) {
  const Result<Text> text = render_text(source, variables, whitespace, limits);
  return text.ok() ? std::string(text->bytes()) : "error: " + text.error().message;
}

/// The rendered text with what came from the input in brackets: "user: [hello]".
inline std::string render_marked(std::string_view source, const nlohmann::ordered_json& variables) {
  const Result<Text> text = render_text(source, variables);
  if (!text.ok()) return "error: " + text.error().message;
  std::string marked;
  text->each_piece([&](std::string_view piece, Origin origin) {
    marked += origin == Origin::kInput ? "[" + std::string(piece) + "]" : std::string(piece);
  });
  return marked;
}

}  // namespace hearth::jinja::testing
