// A model's chat template: messages in, the prompt as the model was trained to see it out.
//
// What a user wrote keeps its mark through the whole rendering, so that it can be tokenised without ever
// becoming a control token.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/text/template_capabilities.h"

namespace hearth {

/// A stretch of a rendered prompt.
struct PromptPiece {
  std::string text;
  bool from_input;  // came from the messages, tools or variables rather than from the template itself
};

struct ChatInput {
  nlohmann::ordered_json messages =
      nlohmann::ordered_json::array();  // [{"role", "content", "tool_calls"?, ...}]
  nlohmann::ordered_json tools;         // null, or an array of OpenAI function tools
  nlohmann::ordered_json variables = nlohmann::ordered_json::object();  // further names, e.g. enable_thinking
  bool add_generation_prompt = true;
  std::string bos_token;
  std::string eos_token;
  std::optional<int64_t> now;  // what strftime_now shows, in seconds since 1970 UTC; the present if not set
};

class ChatTemplate {
 public:
  /// Parses Jinja source, or the name "rwkv-world", and finds out what it can do. INVALID_MODEL with the line
  /// and what was expected.
  static Result<std::unique_ptr<const ChatTemplate>> parse(std::string_view source);
  virtual ~ChatTemplate() = default;

  /// The messages are first brought into the form that the template takes: contents, system messages, tool
  /// calls. INVALID_ARGUMENT with the place where they are no messages; with what the template does not show
  /// (tools, results, several calls of a message); with its own words when it calls raise_exception; or with
  /// the line and reason when an operation fails or a limit (depth, steps, output) is reached.
  virtual Result<std::vector<PromptPiece>> render(const ChatInput& input) const = 0;
  virtual const TemplateCapabilities& capabilities() const = 0;
  virtual const std::string& source() const = 0;
};

}  // namespace hearth
