#include "engine/text/chat_template.h"

#include <chrono>

#include "engine/text/jinja/interpreter.h"
#include "engine/text/jinja/json.h"
#include "engine/text/jinja/parser.h"

namespace hearth {
namespace {

using jinja::Interpreter;
using jinja::Origin;
using jinja::Text;
using jinja::Value;

int64_t current_time() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

std::vector<PromptPiece> pieces_of(const Text& text) {
  std::vector<PromptPiece> pieces;
  text.each_piece([&](std::string_view piece, Origin origin) {
    pieces.push_back({std::string(piece), origin == Origin::kInput});
  });
  return pieces;
}

class JinjaChatTemplate final : public ChatTemplate {
 public:
  JinjaChatTemplate(std::string source, jinja::Block block)
      : source_(std::move(source)), block_(std::move(block)) {}

  Result<std::vector<PromptPiece>> render(const ChatInput& input) const override {
    Interpreter interpreter(jinja::Limits(), input.now.value_or(current_time()));
    // The names that transformers' apply_chat_template defines.
    HEARTH_TRY(define(interpreter, "messages", input.messages));
    if (!input.tools.is_null()) HEARTH_TRY(define(interpreter, "tools", input.tools));
    interpreter.define("add_generation_prompt", Value::boolean(input.add_generation_prompt));
    interpreter.define("bos_token", Value::text(input.bos_token));
    interpreter.define("eos_token", Value::text(input.eos_token));
    if (!input.variables.is_object()) {
      return Error{ErrorCode::kInvalidArgument, "the variables of a chat template must be a JSON object"};
    }
    for (auto entry = input.variables.begin(); entry != input.variables.end(); ++entry) {
      HEARTH_TRY(define(interpreter, entry.key(), entry.value()));
    }
    HEARTH_ASSIGN(const Text rendered, interpreter.render(block_));
    return pieces_of(rendered);
  }

  const std::string& source() const override { return source_; }

 private:
  /// `name` is borrowed until the rendering ends.
  static Result<void> define(Interpreter& interpreter, std::string_view name,
                             const nlohmann::ordered_json& json) {
    HEARTH_ASSIGN(Value value, jinja::from_json(json, Origin::kInput, interpreter));
    interpreter.define(name, std::move(value));
    return {};
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
