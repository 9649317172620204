// Chat templates and conversations in one line, and the real templates of the shared test data. Test code
// only.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "engine/base/testdata.h"
#include "engine/text/chat_template.h"

namespace hearth::testing {

using nlohmann::ordered_json;

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline std::unique_ptr<const ChatTemplate> parsed(std::string_view source) {
  auto chat_template = ChatTemplate::parse(source);
  EXPECT_TRUE(chat_template.ok()) << chat_template.error().message;
  return std::move(chat_template).value();
}

/// The sources of the real templates, by name.
inline std::map<std::string, std::string> real_templates() {
  std::map<std::string, std::string> sources;
  for (const auto& entry : std::filesystem::directory_iterator(testdata() / "chat-templates/templates")) {
    sources[entry.path().stem().string()] = read_text(entry.path());
  }
  return sources;
}

/// What firefunction-v2 needs: its tools as text, under a name of its own, and the date.
inline ordered_json further_variables() { return {{"functions", "[]"}, {"datetime", "2024-09-03"}}; }

inline ordered_json message(std::string_view role, ordered_json content) {
  return {{"role", role}, {"content", std::move(content)}};
}

/// A content of text parts.
template <typename... Texts>
ordered_json parts(Texts... texts) {
  return ordered_json::array({{{"type", "text"}, {"text", texts}}...});
}

inline ChatInput conversation(ordered_json messages) {
  ChatInput input;
  input.messages = std::move(messages);
  input.now = 1725364800;  // 2024-09-03 12:00 UTC, the same day in most of the world
  return input;
}

inline ChatInput one_message(std::string_view content) {
  return conversation(ordered_json::array({message("user", content)}));
}

/// The prompt as one text, or "error: " and the message.
inline std::string prompt_of(const ChatTemplate& chat_template, const ChatInput& input) {
  const auto pieces = chat_template.render(input);
  if (!pieces.ok()) return "error: " + pieces.error().message;
  std::string prompt;
  for (const PromptPiece& piece : *pieces) prompt += piece.text;
  return prompt;
}

/// The prompt with what came from the input in brackets: "user: [hello]".
inline std::string marked_prompt_of(const ChatTemplate& chat_template, const ChatInput& input) {
  const auto pieces = chat_template.render(input);
  if (!pieces.ok()) return "error: " + pieces.error().message;
  std::string marked;
  for (const PromptPiece& piece : *pieces) marked += piece.from_input ? "[" + piece.text + "]" : piece.text;
  return marked;
}

}  // namespace hearth::testing
