// Prompts as requests write them: texts, tokens, or both mixed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "apps/serve/api/members.h"
#include "apps/serve/models/model_use.h"

namespace hearth::serve::openai {

/// A text, or tokens where that is empty.
struct PromptPiece {
  std::string text;
  std::vector<int32_t> tokens;
};
using Prompt = std::vector<PromptPiece>;

struct Prompts {
  std::vector<Prompt> all;  // one at least
  bool is_list = false;     // the request has a list of them, if only of one
};

/// "text", [1, 2], [1, "text"], {"prompt_string": "text"} or {"content": [{"type": "text", "text": "text"}]},
/// or a list of such. Throws a Refusal.
Prompts read_prompts(const Members& body, std::string_view name);

/// The text of a prompt that is one text; "" for others.
std::string text_of(const Prompt& prompt);

/// Beginning and end tokens are added to a prompt that begins with text. With `parse_special`, names of
/// control tokens become those tokens.
Awaitable<std::vector<int32_t>> tokens_of(ModelUse& model, Prompt prompt, bool parse_special);

/// With control tokens by name.
Awaitable<std::string> text_of_tokens(ModelUse& model, const std::vector<int32_t>& tokens);

/// Each token's text, or its bytes where that is no UTF-8.
Awaitable<nlohmann::ordered_json> pieces_of(ModelUse& model, const std::vector<int32_t>& tokens);

/// All of these, as they stand: unlike text_of_tokens, with the space that a vocabulary puts before a text.
Awaitable<std::string> joined_pieces(ModelUse& model, const std::vector<int32_t>& tokens);

/// Tokens as a call of the engine takes them.
std::string call_data(const std::vector<int32_t>& tokens);

}  // namespace hearth::serve::openai
