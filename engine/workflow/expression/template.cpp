#include "engine/workflow/expression/template.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "engine/text/jinja/interpreter/interpreter.h"

namespace hearth::workflow {

using jinja::Block;
using jinja::Interpreter;
using jinja::NameUse;
using nlohmann::ordered_json;

struct Template::Parsed {
  std::string source;
  bool is_constant;
  Block block;
  jinja::NameUses names;

  /// The one expression that is all there is; null where there is more.
  const jinja::Expression* expression() const {
    const auto* output = block.size() == 1 ? std::get_if<jinja::Output>(&block.front().node) : nullptr;
    return output == nullptr ? nullptr : &output->value;
  }
};

namespace {

/// As Jinja has it by itself, where chat templates want other whitespace.
constexpr jinja::Whitespace kWhitespace{.trim_blocks = false, .lstrip_blocks = false};

/// Texts of a line need none to be named: "line 1, column 4: ..." says no more than "column 4: ...".
Error in_words(Error error, std::string_view source) {
  error.code = ErrorCode::kInvalidArgument;
  const bool is_one_line = source.find('\n') == std::string_view::npos;
  for (const std::string_view line : {"line 1: ", "line 1, "}) {
    if (is_one_line && error.message.starts_with(line)) error.message.erase(0, line.size());
  }
  return error;
}

int64_t current_time() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  return begin == std::string_view::npos ? ""
                                         : text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

/// Hands over of the state what is read of it: the whole of a large one would cost more than the rest of a
/// node.
Result<void> define_state(Interpreter& interpreter, const State& state, const NameUse& use) {
  if (use.as_a_whole) return interpreter.define_input("state", state.json());
  ordered_json read = ordered_json::object();
  for (const std::string& key : use.members) {
    if (const ordered_json* value = state.find(key)) read[key] = *value;
  }
  if (read.size() == use.members.size()) return interpreter.define_input("state", read);
  // Something is missing: by all the others it is told what may have been meant.
  for (const auto& [key, value] : state.entries()) {
    if (!read.contains(key)) read[key] = nullptr;
  }
  return interpreter.define_input("state", read);
}

Result<void> define_names(Interpreter& interpreter, const Names& names, const jinja::NameUses& uses) {
  bool is_missing = false;
  for (const auto& [name, use] : uses) {
    if (name == "state") {
      HEARTH_TRY(define_state(interpreter, names.state, use));
    } else if (const ordered_json* value = names.find(name)) {
      HEARTH_TRY(interpreter.define_input(name, *value));
    } else {
      is_missing = true;
    }
  }
  if (!is_missing) return {};
  for (const auto& [name, value] : names.others) {
    if (!uses.contains(name)) HEARTH_TRY(interpreter.define_input(name, nullptr));
  }
  for (const auto& [name, value] : names.state.entries()) {
    if (!uses.contains(name)) HEARTH_TRY(interpreter.define_input(name, nullptr));
  }
  return {};
}

}  // namespace

const ordered_json* Names::find(std::string_view name) const {
  const auto found =
      std::find_if(others.rbegin(), others.rend(), [&](const auto& o) { return o.first == name; });
  return found == others.rend() ? state.find(name) : found->second;
}

Result<Template> Template::text(std::string_view source) {
  auto parsed = std::make_shared<Parsed>();
  parsed->source = source;
  parsed->is_constant = source.find('{') == std::string_view::npos;
  if (parsed->is_constant) {
    return Template(std::move(parsed));
  }
  // A value alone keeps its type, so the blanks around its braces are no text.
  for (const std::string_view read : {trimmed(source), source}) {
    Result<Block> block = jinja::parse(read, kWhitespace);
    if (!block.ok()) return in_words(std::move(block).error(), source);
    parsed->block = std::move(block).value();
    if (parsed->expression() != nullptr) break;
  }
  parsed->names = names_read_by(parsed->block);
  const bool is_data = std::all_of(parsed->block.begin(), parsed->block.end(), [](const jinja::Statement& s) {
    return std::holds_alternative<jinja::Data>(s.node);
  });
  parsed->is_constant = is_data;
  return Template(std::move(parsed));
}

Result<Template> Template::condition(std::string_view source) {
  std::string_view text = trimmed(source);
  if (text.starts_with("{{") || text.starts_with("{%")) return Template::text(text);
  const bool is_negated = text.starts_with('!') && !text.starts_with("!=");
  if (is_negated) text = trimmed(text.substr(1));
  if (text.empty()) return Error{ErrorCode::kInvalidArgument, "a condition says what must hold"};
  Result<Template> read = Template::text(is_negated ? fmt::format("{{{{ not ({}) }}}}", text)
                                                    : fmt::format("{{{{ {} }}}}", text));
  if (read.ok()) read->parsed_->source = trimmed(source);
  return read;
}

const std::string& Template::source() const { return parsed_->source; }

bool Template::is_constant() const { return parsed_->is_constant; }

const jinja::NameUses& Template::names_read() const { return parsed_->names; }

Result<ordered_json> Template::value(const Names& names) const {
  if (parsed_->is_constant) return ordered_json(parsed_->source);
  Interpreter interpreter(jinja::Limits(), current_time(), jinja::Manner::kStrict);
  const auto evaluated = [&]() -> Result<ordered_json> {
    HEARTH_TRY(define_names(interpreter, names, parsed_->names));
    if (const jinja::Expression* expression = parsed_->expression()) {
      HEARTH_ASSIGN(const jinja::Value value, interpreter.value_of(*expression));
      return interpreter.json_of(value);
    }
    HEARTH_ASSIGN(const jinja::Text text, interpreter.render(parsed_->block));
    return ordered_json(text.bytes());
  };
  Result<ordered_json> value = evaluated();
  if (!value.ok()) return in_words(std::move(value).error(), "");
  return value;
}

Result<bool> Template::holds(const Names& names) const {
  HEARTH_ASSIGN(const ordered_json value, this->value(names));
  if (value.is_null()) return false;
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number()) return value.get<double>() != 0;
  if (value.is_string()) {
    // What a template of several parts writes is text: "False" of Jinja's is no truth.
    const std::string_view text = trimmed(value.get_ref<const std::string&>());
    return !text.empty() && text != "False" && text != "false" && text != "0" && text != "None";
  }
  return !value.empty();
}

}  // namespace hearth::workflow
