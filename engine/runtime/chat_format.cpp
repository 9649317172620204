#include "engine/runtime/chat_format.h"

#include <algorithm>
#include <utility>

namespace hearth {
namespace {

constexpr std::string_view kChatMl =
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

constexpr std::string_view kPlainText =
    "{% for message in messages %}{{ message.content }}{% if not loop.last %}{{ '\\n\\n' }}{% endif %}{% "
    "endfor %}";

std::string name_of(const Tokenizer& tokenizer, TokenId token) {
  return token == kNoToken ? "" : std::string(tokenizer.token_name(token));
}

/// A template of the file; none where it has none of that name.
std::optional<std::string_view> template_of(const Gguf& metadata, std::string_view key) {
  const auto value = metadata.string(key);
  return value.ok() ? *value : std::nullopt;
}

std::string_view standard_template(const Tokenizer& tokenizer) {
  return tokenizer.find("<|im_start|>") != kNoToken ? kChatMl : kPlainText;
}

}  // namespace

ChatFormat::ChatFormat(const Gguf& metadata, const Tokenizer& tokenizer, bool ends_prompts)
    : tokenizer_(tokenizer),
      ends_prompts_(ends_prompts),
      template_(ChatTemplate::parse(
          template_of(metadata, "tokenizer.chat_template").value_or(standard_template(tokenizer)))) {
  if (const auto tools = template_of(metadata, "tokenizer.chat_template.tool_use")) {
    tool_template_ = ChatTemplate::parse(*tools);
    tool_answers_ = readable(*tool_template_);
  }
  answers_ = readable(template_);
}

ReadableFormat ChatFormat::readable(const ParsedTemplate& parsed) const {
  ReadableFormat found;
  if (!parsed.ok()) return found;
  found.format = find_answer_format(*parsed.value());
  const std::vector<std::string_view> marks = marks_of(found.format);
  for (TokenId token = 0; token < tokenizer_.vocabulary_size() && !marks.empty(); ++token) {
    if (!tokenizer_.is_control(token)) continue;
    const std::string_view name = tokenizer_.token_name(token);
    const auto has_name = [name](std::string_view mark) { return mark.find(name) != std::string_view::npos; };
    if (std::none_of(marks.begin(), marks.end(), has_name)) continue;
    found.marks.push_back(token);
    found.mark_texts.emplace_back(name);
  }
  return found;
}

bool ChatFormat::uses_tool_template(const ChatInput& input) const {
  return tool_template_ && input.tools.is_array() && !input.tools.empty();
}

Result<const ReadableFormat*> ChatFormat::answers_to(const ChatInput& input) const {
  HEARTH_TRY(template_for(input));
  return uses_tool_template(input) ? &tool_answers_ : &answers_;
}

TemplateCapabilities ChatFormat::capabilities() const {
  TemplateCapabilities capabilities;
  if (!template_.ok()) {
    capabilities.system = capabilities.parallel_calls = false;
    return capabilities;
  }
  capabilities = template_.value()->capabilities();
  if (tool_template_ && tool_template_->ok()) {
    const TemplateCapabilities& with_tools = tool_template_->value()->capabilities();
    capabilities.tools = with_tools.tools;
    capabilities.parallel_calls = with_tools.parallel_calls;
  }
  return capabilities;
}

Result<const ChatTemplate*> ChatFormat::template_for(const ChatInput& input) const {
  const ParsedTemplate& parsed = uses_tool_template(input) ? *tool_template_ : template_;
  if (!parsed.ok()) return parsed.error();
  return parsed.value().get();
}

Result<std::vector<PromptPiece>> ChatFormat::render(ChatInput input) const {
  HEARTH_ASSIGN(const ChatTemplate* chat_template, template_for(input));
  input.bos_token = name_of(tokenizer_, tokenizer_.special().bos);
  input.eos_token = name_of(tokenizer_, tokenizer_.special().eos);
  return chat_template->render(input);
}

std::vector<TokenId> ChatFormat::encode(const std::vector<PromptPiece>& pieces) const {
  std::vector<TextPiece> texts;
  texts.reserve(pieces.size());
  for (const PromptPiece& piece : pieces) texts.push_back({piece.text, !piece.from_input});
  std::vector<TokenId> tokens = tokenizer_.encode(texts, false);
  const SpecialTokens& special = tokenizer_.special();
  if (special.add_bos && special.bos != kNoToken && (tokens.empty() || tokens.front() != special.bos)) {
    tokens.insert(tokens.begin(), special.bos);
  }
  const bool has_end = !tokens.empty() && tokens.back() == special.eos;
  if (ends_prompts_ && special.add_eos && !has_end) tokens.push_back(special.eos);
  return tokens;
}

}  // namespace hearth
