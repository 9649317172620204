#include "engine/text/answer/answer_reading.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "engine/text/message_contents.h"

namespace hearth {
namespace {

using nlohmann::ordered_json;

void add_all(Answer& answer, const std::vector<AnswerDelta>& deltas) {
  for (const AnswerDelta& delta : deltas) answer.add(delta);
}

/// Takes the assistant's last message out of the conversation; null where another's is the last.
ordered_json take_unfinished(ordered_json& messages) {
  if (!messages.is_array() || messages.empty() || !messages.back().is_object()) return nullptr;
  if (messages.back().value("role", ordered_json()) != "assistant") return nullptr;
  ordered_json unfinished = std::move(messages.back());
  messages.erase(messages.size() - 1);
  return unfinished;
}

std::string reasoning_of(const ordered_json& message) {
  for (const char* name : {"reasoning_content", "reasoning", "thinking"}) {
    const auto found = message.find(name);
    if (found != message.end() && found->is_string()) return found->get<std::string>();
  }
  return "";
}

/// What a message says, as the model would have begun to write it. Without reasoning marks it says no more
/// than its content.
std::string begun_text(const ordered_json& message, const ReasoningMarks& marks) {
  const std::string reasoning = marks.end.empty() ? "" : reasoning_of(message);
  std::string content = message.contains("content") ? text_of_content(message["content"]) : "";
  if (reasoning.empty()) return content;
  return std::string(marks.begin) + reasoning + std::string(content.empty() ? "" : marks.end) + content;
}

/// Whether the text ends reasoning that it has not begun.
bool ends_reasoning(std::string_view text, const ReasoningMarks& marks) {
  if (marks.begin.empty() || marks.end.empty()) return false;
  return text.find(marks.end) < text.find(marks.begin);
}

/// What stands before the answer's text: what its last message has begun of it, or else the prompt.
std::string beginning(const ChatTemplate& chat_template, const AnswerFormat& format, ChatInput conversation,
                      std::string_view text) {
  const ordered_json unfinished = take_unfinished(conversation.messages);
  if (unfinished.is_object()) return begun_text(unfinished, format.reasoning);
  if (ends_reasoning(text, format.reasoning)) return std::string(format.reasoning.begin);
  if (conversation.messages.empty()) conversation.messages = {{{"role", "user"}, {"content", "Hi"}}};
  conversation.add_generation_prompt = true;
  const auto prompt = chat_template.render(conversation);
  // A template that refuses the conversation begins no answer.
  return prompt.ok() ? std::string(begun_answer(format, own_end(*prompt))) : "";
}

bool begins_with_reasoning(std::string_view text, const AnswerFormat& format) {
  return !format.reasoning.end.empty() &&
         (text.starts_with(format.reasoning.begin) || text.starts_with(format.reasoning.end));
}

Answer read_text(const AnswerFormat& format, const AnswerOptions& options, std::string_view begun,
                 std::string_view text) {
  AnswerParser parser(format, options);
  Answer answer;
  add_all(answer, parser.push(begun));
  add_all(answer, parser.push(text));
  add_all(answer, parser.finish());
  return answer;
}

}  // namespace

size_t count_calls(const ordered_json& messages) {
  size_t count = 0;
  for (const ordered_json& message : messages) {
    const auto calls = message.is_object() ? message.find("tool_calls") : message.end();
    if (message.is_object() && calls != message.end() && calls->is_array()) count += calls->size();
  }
  return count;
}

std::string own_end(const std::vector<PromptPiece>& prompt) {
  std::string end;
  for (auto piece = prompt.rbegin(); piece != prompt.rend() && !piece->from_input; ++piece) {
    end.insert(0, piece->text);
  }
  return end;
}

Answer read_answer(const ChatTemplate& chat_template, const ChatInput& conversation, AnswerOptions options,
                   std::string_view text) {
  const AnswerFormat format = find_answer_format(chat_template);
  options.calls_before = count_calls(conversation.messages);
  const std::string_view behind_header = without_header(format, text);
  if (behind_header != text) return read_text(format, options, "", behind_header);
  AnswerFormat shown = format;  // as far as what was begun is concerned
  if (options.keep_reasoning) shown.reasoning = {};
  const std::string begun = beginning(chat_template, shown, conversation, text);
  if (options.keep_reasoning && begins_with_reasoning(begun, format))
    return read_text(format, options, "", text);
  Answer answer = read_text(format, options, begun, text);
  if (!answer.calls.empty() || !answer.content.empty()) return answer;
  // Some models call a tool without ending the reasoning that the prompt began.
  Answer without = read_text(format, options, "", text);
  return without.calls.empty() ? answer : without;
}

}  // namespace hearth
