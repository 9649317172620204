#include "engine/text/chat_template.h"

#include <chrono>

#include "engine/text/jinja/interpreter.h"
#include "engine/text/jinja/json.h"
#include "engine/text/jinja/parser.h"
#include "engine/text/tool_arguments.h"

namespace hearth {
namespace {

using jinja::Interpreter;
using jinja::Origin;
using jinja::Text;
using jinja::Value;
using nlohmann::ordered_json;

int64_t current_time() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

/// A name from the input, which is borrowed until the rendering ends.
Result<void> define(Interpreter& interpreter, std::string_view name, const ordered_json& json) {
  HEARTH_ASSIGN(Value value, jinja::from_json(json, Origin::kInput, interpreter));
  interpreter.define(name, std::move(value));
  return {};
}

class JinjaChatTemplate final : public ChatTemplate {
 public:
  JinjaChatTemplate(std::string source, jinja::Block block)
      : source_(std::move(source)), block_(std::move(block)) {}

  Result<std::vector<PromptPiece>> render(const ChatInput& input) const override {
    HEARTH_ASSIGN(const Text prompt, render_text(input));
    std::vector<PromptPiece> pieces;
    prompt.each_piece([&](std::string_view piece, Origin origin) {
      pieces.push_back({std::string(piece), origin == Origin::kInput});
    });
    return pieces;
  }

  const std::string& source() const override { return source_; }

 private:
  /// What a template makes of a tool call's arguments shows only when it is tried: objects first, which most
  /// templates expect, then text.
  Result<Text> render_text(const ChatInput& input) const {
    if (!has_tool_calls(input.messages)) return render_with(input.messages, input);
    const ordered_json objects = with_arguments_as(input.messages, ArgumentForm::kObject);
    Result<Text> prompt = render_with(objects, input);
    if (prompt.ok() && !shows_python_objects(prompt->bytes(), objects)) return prompt;
    Result<Text> with_text = render_with(with_arguments_as(input.messages, ArgumentForm::kText), input);
    return with_text.ok() ? with_text : prompt;
  }

  Result<Text> render_with(const ordered_json& messages, const ChatInput& input) const {
    if (!input.variables.is_object()) {
      return Error{ErrorCode::kInvalidArgument, "the variables of a chat template must be a JSON object"};
    }
    Interpreter interpreter(jinja::Limits(), input.now.value_or(current_time()));
    // The names that transformers' apply_chat_template defines. Without tools, `tools` stays undefined:
    // templates that are only for tool use then go through none.
    HEARTH_TRY(define(interpreter, "messages", messages));
    if (!input.tools.is_null()) HEARTH_TRY(define(interpreter, "tools", input.tools));
    interpreter.define("add_generation_prompt", Value::boolean(input.add_generation_prompt));
    interpreter.define("bos_token", Value::text(input.bos_token));
    interpreter.define("eos_token", Value::text(input.eos_token));
    for (auto entry = input.variables.begin(); entry != input.variables.end(); ++entry) {
      HEARTH_TRY(define(interpreter, entry.key(), entry.value()));
    }
    return interpreter.render(block_);
  }

  const std::string source_;
  const jinja::Block block_;
};

}  // namespace

Result<std::unique_ptr<const ChatTemplate>> ChatTemplate::parse(std::string_view source) {
  HEARTH_ASSIGN(jinja::Block block, jinja::parse(source, jinja::Whitespace()));
  return std::unique_ptr<const ChatTemplate>(
      std::make_unique<JinjaChatTemplate>(std::string(source), std::move(block)));
}

}  // namespace hearth
