// Texts with templates in them ({{ state.question }}), and conditions: Jinja, read once and evaluated often.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/text/jinja/parser/names.h"
#include "engine/workflow/expression/state.h"

namespace hearth::workflow {

/// What templates may name. All of it is borrowed.
struct Names {
  const State& state;  // `state`; its keys are names of their own, too, where nothing else has theirs
  /// Further names, of which a later one hides an earlier one.
  std::vector<std::pair<std::string_view, const nlohmann::ordered_json*>> others;

  /// Null where there is none.
  const nlohmann::ordered_json* find(std::string_view name) const;
};

/// Copies share what was read.
class Template {
 public:
  /// The empty text.
  Template() : Template(text("").value()) {}
  /// A text that may have templates in it. INVALID_ARGUMENT, with line and column in the text.
  static Result<Template> text(std::string_view source);
  /// A condition: an expression of Jinja, in {{ }} or without; `!` in front is `not`.
  static Result<Template> condition(std::string_view source);

  /// As it was written, a condition without braces.
  const std::string& source() const;
  /// Whether it says the same whatever the names are.
  bool is_constant() const;
  /// Where a text is one template and nothing else, the value that it gives, of whatever type; otherwise
  /// text. INVALID_ARGUMENT, in words that stand alone: what is undefined (and what may be meant), an
  /// operation on the wrong type, too much work.
  Result<nlohmann::ordered_json> value(const Names& names) const;
  /// The same of a condition, as true or false.
  Result<bool> holds(const Names& names) const;

  const jinja::NameUses& names_read() const;

 private:
  struct Parsed;
  explicit Template(std::shared_ptr<Parsed> parsed) : parsed_(std::move(parsed)) {}

  std::shared_ptr<Parsed> parsed_;  // does not change once it is read
};

}  // namespace hearth::workflow
