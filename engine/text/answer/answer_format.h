// How a model writes what it thinks and which tools it calls, as data: what a chat template shows of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/text/chat_template.h"

namespace hearth {

enum class ArgumentSyntax : unsigned char {
  kWrapped,      // an object {"name": ..., "arguments": {...}} is the whole call
  kNamed,        // so is an object {NAME: {...}}
  kObject,       // {"city": "Rome"}, or {city:<|"|>Rome<|"|>}
  kParentheses,  // (city="Rome", count=3), as in Python
  kTagged,       // a tag for each, as `parameter` has it
  kCode,         // all that follows is the tool's one argument, `code`
};

/// Where a call may stand.
enum class CallPlace : unsigned char {
  kAnywhere,   // its head has a mark that begins nothing else
  kInSection,  // only between the section's marks
  kEither,     // without the section's marks, too, if it names a tool that there is
  kBeginning,  // it begins the answer, and names a tool that there is
};

/// Marks are patterns (pattern.h).
struct CallSyntax {
  CallPlace place;
  std::string_view section_begin;
  std::string_view head;  // of each call, up to its arguments
  ArgumentSyntax arguments;
  std::string_view parameter;  // a tagged one
  std::string_view tail;       // of each call
  std::string_view section_end;
  bool id_last = false;  // a wrapped call names its id after the arguments
};

struct ReasoningMarks {
  std::string_view begin;  // empty: the answer begins with reasoning
  std::string_view end;    // empty: there is no reasoning
};

/// What the template writes of a call, up to its arguments.
struct CallBeginning {
  std::string before_name;  // empty: it shows no calls
  std::string after_name;   // with the arguments' { where they are JSON; at least one character
  bool has_json = false;
  std::string_view quote = {};  // around strings, where the arguments are an object whose keys have none
};

struct AnswerFormat {
  std::string_view name;  // of its calls; "" where the template shows none
  std::vector<CallSyntax> calls;
  ReasoningMarks reasoning;
  bool calls_end_reasoning = false;           // a call's mark is never a thought
  bool channels = false;                      // messages with headers that name their channel, as gpt-oss
  std::vector<std::string_view> passed_over;  // marks around what is said, not shown
  CallBeginning call_beginning;
  std::string header;  // what the template writes before an answer, with nothing of the answer itself
};

/// Chosen by what the template shows of a call and of reasoning, and by its text.
AnswerFormat find_answer_format(const ChatTemplate& chat_template);

/// What a prompt has already begun of the answer: "<think>\n" where the template opens the reasoning. `tail`
/// is what the template itself wrote at the prompt's end, with what a caller began of the answer.
std::string_view begun_answer(const AnswerFormat& format, std::string_view tail);

/// An answer without the header, if it begins with that: "<|im_start|>assistant".
std::string_view without_header(const AnswerFormat& format, std::string_view answer);

/// All that a format's patterns say literally: what a decoder must not leave out.
std::vector<std::string_view> marks_of(const AnswerFormat& format);

}  // namespace hearth
