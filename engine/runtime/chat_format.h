// How a model's conversations become prompts, and prompts tokens.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/format/gguf.h"
#include "engine/text/answer/answer_format.h"
#include "engine/text/chat_template.h"
#include "engine/text/tokenizer.h"

namespace hearth {

/// How answers are written, with the control tokens that their marks are made of, in order.
struct ReadableFormat {
  AnswerFormat format;
  std::vector<TokenId> marks;
  std::vector<std::string> mark_texts;  // of these tokens
};

class ChatFormat {
 public:
  /// Takes the file's template (`tokenizer.chat_template`, and its `tool_use` variant for requests with
  /// tools). A file without one gets ChatML if its vocabulary has <|im_start|>, and otherwise the messages'
  /// plain text, which a base model then continues. `tokenizer` must outlive it. `ends_prompts` where an
  /// encoder reads them: they end as the vocabulary has texts end.
  ChatFormat(const Gguf& metadata, const Tokenizer& tokenizer, bool ends_prompts = false);

  /// What the templates can do; tools and calls are those of the `tool_use` variant where there is one.
  /// Nothing where the file's template cannot be parsed.
  TemplateCapabilities capabilities() const;

  /// The prompt for a conversation; bos_token and eos_token of `input` are filled in. INVALID_MODEL if the
  /// file's template cannot be parsed; INVALID_ARGUMENT if it does not accept the messages or tools.
  Result<std::vector<PromptPiece>> render(ChatInput input) const;

  /// The template that a conversation is rendered with. INVALID_MODEL if it cannot be parsed.
  Result<const ChatTemplate*> template_for(const ChatInput& input) const;

  /// How the answers to such a conversation are written. INVALID_MODEL as above.
  Result<const ReadableFormat*> answers_to(const ChatInput& input) const;

  /// The tokens of a rendered prompt, with a beginning token where the vocabulary wants one and the template
  /// gave none. Text that came from the messages never becomes a control token.
  std::vector<TokenId> encode(const std::vector<PromptPiece>& pieces) const;

  const Tokenizer& tokenizer() const { return tokenizer_; }

 private:
  // Kept as Results: a model whose template is broken still continues plain text.
  using ParsedTemplate = Result<std::unique_ptr<const ChatTemplate>>;

  bool uses_tool_template(const ChatInput& input) const;
  ReadableFormat readable(const ParsedTemplate& parsed) const;

  const Tokenizer& tokenizer_;
  bool ends_prompts_;
  ParsedTemplate template_;
  std::optional<ParsedTemplate> tool_template_;  // none: the same
  ReadableFormat answers_;
  ReadableFormat tool_answers_;
};

}  // namespace hearth
