#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/text/answer/answer_format.h"
#include "engine/text/answer/channels.h"
#include "engine/text/answer/known_formats.h"
#include "engine/text/answer/loose_json.h"
#include "engine/text/answer/pattern.h"

namespace hearth {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kAsked = "ProbeOfTheQuestion";
constexpr std::string_view kAnswered = "ProbeOfTheAnswer";
constexpr std::string_view kCalled = "probe_of_a_call";
constexpr std::string_view kId = "call00000";  // also the id of calls that have to be made

ChatInput probe(const ordered_json& answer) {
  ChatInput input;
  input.now = 0;
  input.messages = ordered_json::array({{{"role", "user"}, {"content", kAsked}}});
  if (!answer.is_null()) input.messages.push_back(answer);
  input.add_generation_prompt = answer.is_null();
  return input;
}

/// What the template makes of the conversation behind the question; "" where it refuses.
std::string rendered(const ChatTemplate& chat_template, const ChatInput& input) {
  const auto pieces = chat_template.render(input);
  std::string prompt;
  if (!pieces.ok()) return prompt;
  for (const PromptPiece& piece : *pieces) prompt += piece.text;
  const size_t asked = prompt.rfind(kAsked);
  return asked == std::string::npos ? prompt : prompt.substr(asked + kAsked.size());
}

/// An answer that calls a tool, and thinks before if `thinks`.
std::string rendered_call(const ChatTemplate& chat_template, bool thinks) {
  const ordered_json function = {{"name", kCalled}, {"arguments", {{"city", "Rome"}}}};
  ordered_json answer = {{"role", "assistant"}};
  if (chat_template.capabilities().calls_without_content)
    answer["content"] = nullptr;
  else
    answer["content"] = "";
  for (const char* name : {"reasoning_content", "reasoning", "thinking"}) {
    if (thinks) answer[name] = "Probe";
  }
  answer["tool_calls"] = ordered_json::array({{{"id", kId}, {"type", "function"}, {"function", function}}});
  return chat_template.capabilities().calls ? rendered(chat_template, probe(answer)) : "";
}

/// What a template shows of its answers, and its text.
class Shown {
 public:
  explicit Shown(const ChatTemplate& chat_template)
      : call_(rendered_call(chat_template, true)), source_(chat_template.source()) {}

  bool has(const Signs& signs) const {
    return std::all_of(signs.begin(), signs.end(), [this](std::string_view sign) {
      return call_.find(sign) != std::string::npos || source_.find(sign) != std::string_view::npos;
    });
  }

 private:
  std::string call_;
  std::string_view source_;
};

bool has_any(const Shown& shown, const std::vector<Signs>& signs) {
  return std::any_of(signs.begin(), signs.end(), [&](const Signs& some) { return shown.has(some); });
}

/// The marks that an answer may begin with.
std::vector<std::string_view> first_marks(const AnswerFormat& format) {
  if (format.channels) return {"<|channel|>", "<|message|>"};
  std::vector<std::string_view> marks = format.passed_over;
  for (const CallSyntax& syntax : format.calls) {
    for (const std::string_view pattern : {syntax.section_begin, syntax.head}) {
      marks.push_back(first_mark(pattern));
    }
  }
  for (const std::string_view mark : {format.reasoning.begin, format.reasoning.end}) marks.push_back(mark);
  std::erase(marks, std::string_view());
  return marks;
}

/// What the template writes before an answer, with nothing of the answer itself, as far as it is the same
/// where the answer is still to come.
std::string answer_header(const ChatTemplate& chat_template, std::vector<std::string_view> marks) {
  const std::string unanswered = rendered(chat_template, probe(nullptr));
  const std::string answered =
      rendered(chat_template, probe({{"role", "assistant"}, {"content", kAnswered}}));
  std::string_view header = std::string_view(answered).substr(0, answered.find(kAnswered));
  // A mark that comes first ends the question.
  std::erase_if(marks, [&](std::string_view mark) { return header.starts_with(mark); });
  header = header.substr(0, find_mark(header, marks).position);
  while (!header.empty() && is_space(header.back())) header.remove_suffix(1);
  while (!header.empty() && unanswered.find(header) == std::string::npos) header.remove_prefix(1);
  return std::string(header);
}

/// How much of what stands behind the name belongs to the head of a call in one of the syntaxes.
size_t end_of_head(const std::vector<CallSyntax>& syntaxes, std::string_view after) {
  constexpr std::string_view kName = "$name";
  size_t length = 0;
  for (const CallSyntax& syntax : syntaxes) {
    const size_t name = syntax.head.find(kName);
    if (name == std::string_view::npos) continue;
    const std::string_view mark = first_mark(syntax.head.substr(name + kName.size()));
    if (after.starts_with(mark)) length = std::max(length, mark.size());
  }
  return length;
}

CallBeginning call_beginning(const ChatTemplate& chat_template, const AnswerFormat& format) {
  CallBeginning call;
  const std::string text = rendered_call(chat_template, false);
  std::string_view shown = text;
  const size_t header = shown.find(format.header);
  if (header != std::string_view::npos) shown.remove_prefix(header + format.header.size());
  const size_t name = shown.find(kCalled);
  if (name == std::string_view::npos || (format.calls.empty() && !format.channels)) return call;
  std::string_view before = shown.substr(0, name);
  const size_t thought =
      format.reasoning.end.empty() ? std::string_view::npos : before.rfind(format.reasoning.end);
  if (thought != std::string_view::npos) before.remove_prefix(thought + format.reasoning.end.size());
  call.before_name = before.substr(format.channels ? 0 : space_length(before));
  const std::string_view after = shown.substr(name + kCalled.size());
  const size_t key = after.find("\"city\"");
  const size_t brace = after.substr(0, key).rfind('{');
  call.has_json = key != std::string_view::npos && brace != std::string_view::npos &&
                  space_length(after.substr(brace + 1)) == key - brace - 1;
  const size_t head = std::max<size_t>(end_of_head(format.calls, after), 1);
  call.after_name = after.substr(0, call.has_json ? brace + 1 : head);
  for (const std::string_view quote : kTokenQuotes) {
    if (after.find("{city:" + std::string(quote)) != std::string_view::npos) call.quote = quote;
  }
  return call;
}

/// How long a part of the header the text begins with: all of it, or what stands behind one of its marks.
size_t end_of_part(std::string_view text, std::string_view header) {
  for (size_t begin = 0; begin < header.size(); ++begin) {
    const bool begins_part = begin == 0 || std::string_view("<[\n").find(header[begin]) < 3 ||
                             std::string_view(">]\n").find(header[begin - 1]) < 3;
    if (begins_part && text.starts_with(header.substr(begin))) return header.size() - begin;
  }
  return 0;
}

AnswerFormat format_shown(const Shown& shown) {
  AnswerFormat format;
  if (shown.has({"<|start|>", "<|channel|>", "<|message|>"})) {
    format.name = "harmony";
    format.channels = true;
    format.reasoning = {"<|channel|>analysis<|message|>", "<|end|>"};
    return format;
  }
  for (const KnownCalls& known : known_calls()) {
    if (!has_any(shown, known.signs)) continue;
    format.name = known.name;
    format.calls = known.calls;
    format.reasoning = known.reasoning;
    format.calls_end_reasoning = known.calls_end_reasoning;
    format.passed_over = known.passed_over;
    break;
  }
  for (const KnownReasoning& known : known_reasoning()) {
    if (!shown.has(known.signs)) continue;
    format.reasoning = known.marks;
    format.passed_over.insert(format.passed_over.end(), known.passed_over.begin(), known.passed_over.end());
    break;
  }
  return format;
}

}  // namespace

AnswerFormat find_answer_format(const ChatTemplate& chat_template) {
  AnswerFormat format = format_shown(Shown(chat_template));
  format.header = answer_header(chat_template, first_marks(format));
  format.call_beginning = call_beginning(chat_template, format);
  return format;
}

std::string_view begun_answer(const AnswerFormat& format, std::string_view tail) {
  size_t begin = end_of_part(tail, format.header);
  const size_t place = tail.rfind(format.header);
  if (begin == 0 && !format.header.empty() && place != std::string_view::npos) {
    begin = place + format.header.size();
  }
  if (begin == 0) begin = std::min(tail.size(), find_mark(tail, first_marks(format)).position);
  const std::string_view begun = tail.substr(begin);
  return begun.substr(space_length(begun));
}

std::string_view without_header(const AnswerFormat& format, std::string_view answer) {
  const size_t length = end_of_part(answer, format.header);
  const std::string_view rest = answer.substr(length);
  return length == 0 ? answer : rest.substr(space_length(rest));
}

std::vector<std::string_view> marks_of(const AnswerFormat& format) {
  std::vector<std::string_view> marks = format.passed_over;
  if (format.channels) {
    marks.assign(kChannelMarks.begin(), kChannelMarks.end());
    for (const std::string_view mark : {"<|message|>", "<|constrain|>"}) marks.push_back(mark);
  }
  for (const std::string_view mark : {format.reasoning.begin, format.reasoning.end}) marks.push_back(mark);
  if (!format.calls.empty()) marks.insert(marks.end(), kTokenQuotes.begin(), kTokenQuotes.end());
  for (const CallSyntax& syntax : format.calls) {
    for (const std::string_view pattern :
         {syntax.section_begin, syntax.head, syntax.parameter, syntax.tail, syntax.section_end}) {
      for (const std::string_view mark : marks_in(pattern)) marks.push_back(mark);
    }
  }
  std::erase(marks, std::string_view());
  return marks;
}

}  // namespace hearth
