#include "engine/text/chat_template.h"

#include <chrono>

#include "engine/text/jinja/interpreter/interpreter.h"
#include "engine/text/message_contents.h"
#include "engine/text/system_messages.h"
#include "engine/text/tool_arguments.h"
#include "engine/text/tool_messages.h"

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

/// Files of RWKV name their format where others write it: empty lines end what is said.
constexpr std::string_view kRwkvName = "rwkv-world";
constexpr std::string_view kRwkvTemplate =
    "{% for message in messages %}{% if message['role'] == 'system' %}System: "
    "{% elif message['role'] == 'user' %}User: {% else %}Assistant: {% endif %}"
    "{{ message['content'] | trim }}\n\n{% endfor %}{% if add_generation_prompt %}Assistant:{% endif %}";

/// What a small conversation may take: a template that never ends is not to hold up the loading of its model.
constexpr jinja::Limits kProbeLimits{.work = 100'000, .text_bytes = size_t{1} << 20};

/// Jinja's errors begin with a line; this says of what.
Error of_chat_template(Error error) {
  error.message = "chat template, " + error.message;
  return error;
}

class JinjaChatTemplate final : public ChatTemplate {
 public:
  JinjaChatTemplate(std::string source, jinja::Block block)
      : source_(std::move(source)), block_(std::move(block)) {
    ChatInput input;
    input.now = 0;  // the same for all probes
    capabilities_ = find_capabilities([&](const ordered_json& messages, const ordered_json& tools) {
      input.tools = tools;
      const Result<Text> prompt = render_messages(messages, input, kProbeLimits);
      return prompt.ok() ? std::string(prompt->bytes()) : "";
    });
  }

  Result<std::vector<PromptPiece>> render(const ChatInput& input) const override {
    HEARTH_TRY(check_messages(input.messages));
    HEARTH_TRY(check_tool_use(capabilities_, input.messages, input.tools));
    HEARTH_ASSIGN(const Text prompt, render_conversation(input));
    std::vector<PromptPiece> pieces;
    prompt.each_piece([&](std::string_view piece, Origin origin) {
      pieces.push_back({std::string(piece), origin == Origin::kInput});
    });
    return pieces;
  }

  const TemplateCapabilities& capabilities() const override { return capabilities_; }
  const std::string& source() const override { return source_; }

 private:
  /// What a template makes of system messages elsewhere than at the beginning, or with nothing after them,
  /// shows only when it is tried.
  Result<Text> render_conversation(const ChatInput& input) const {
    const auto rendered = [&](ordered_json messages) {
      if (!capabilities_.calls) messages = with_calls_as_text(messages);
      return render_messages(with_contents_for(capabilities_, std::move(messages)), input, jinja::Limits());
    };
    if (!has_system_messages(input.messages)) return rendered(input.messages);
    std::optional<Result<Text>> best;
    for (const SystemPlace place : {SystemPlace::kAsGiven, SystemPlace::kBeginning, SystemPlace::kUser}) {
      if (place != SystemPlace::kUser && !capabilities_.system) continue;
      Result<Text> prompt = rendered(with_system_messages(place, input.messages));
      if (prompt.ok() && shows_system_messages(prompt->bytes(), input.messages)) return prompt;
      if (!best || (prompt.ok() && !best->ok())) best = std::move(prompt);
    }
    return *std::move(best);
  }

  /// What a template makes of a tool call's arguments shows only when it is tried: objects first, which most
  /// templates expect, then text.
  Result<Text> render_messages(const ordered_json& messages, const ChatInput& input,
                               const jinja::Limits& limits) const {
    if (!has_tool_calls(messages)) return render_with(messages, input, limits);
    const ordered_json objects = with_arguments_as(messages, ArgumentForm::kObject);
    Result<Text> prompt = render_with(objects, input, limits);
    if (prompt.ok() && !shows_python_objects(prompt->bytes(), objects)) return prompt;
    Result<Text> with_text = render_with(with_arguments_as(messages, ArgumentForm::kText), input, limits);
    return with_text.ok() ? with_text : prompt;
  }

  /// The template's output for exactly these messages, and the rest of `input`.
  Result<Text> render_with(const ordered_json& messages, const ChatInput& input,
                           const jinja::Limits& limits) const {
    if (!input.variables.is_object()) {
      return Error{ErrorCode::kInvalidArgument, "the variables of a chat template must be a JSON object"};
    }
    Result<Text> prompt = render_block(messages, input, limits);
    if (!prompt.ok()) return of_chat_template(std::move(prompt).error());
    return prompt;
  }

  Result<Text> render_block(const ordered_json& messages, const ChatInput& input,
                            const jinja::Limits& limits) const {
    Interpreter interpreter(limits, input.now.value_or(current_time()));
    // The names that transformers' apply_chat_template defines. Without tools, `tools` stays undefined:
    // templates that are only for tool use then go through none.
    HEARTH_TRY(interpreter.define_input("messages", messages));
    if (!input.tools.is_null()) HEARTH_TRY(interpreter.define_input("tools", input.tools));
    interpreter.define("add_generation_prompt", Value::boolean(input.add_generation_prompt));
    interpreter.define("bos_token", Value::text(input.bos_token));
    interpreter.define("eos_token", Value::text(input.eos_token));
    for (auto entry = input.variables.begin(); entry != input.variables.end(); ++entry) {
      HEARTH_TRY(interpreter.define_input(entry.key(), entry.value()));
    }
    return interpreter.render(block_);
  }

  const std::string source_;
  const jinja::Block block_;
  TemplateCapabilities capabilities_;
};

}  // namespace

Result<std::unique_ptr<const ChatTemplate>> ChatTemplate::parse(std::string_view source) {
  if (source == kRwkvName) source = kRwkvTemplate;
  Result<jinja::Block> block = jinja::parse(source, jinja::Whitespace());
  if (!block.ok()) return of_chat_template(std::move(block).error());
  return std::unique_ptr<const ChatTemplate>(
      std::make_unique<JinjaChatTemplate>(std::string(source), std::move(block).value()));
}

}  // namespace hearth
