// Fuzzes the reading of answers: whatever a model writes, it is read, and how it comes in pieces changes
// nothing; a call's arguments stand between its beginning and its end.
//
// Bytes of an input: the number of the format in known_formats.cpp, with reasoning's after those of calls and
// that of channels last; then 0 or 1: whether the reasoning is kept; then the answer.
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/answer/answer_parser.h"
#include "engine/text/answer/known_formats.h"
#include "engine/text/tokenizer_fuzzing.h"

namespace hearth {
namespace {

using fuzzing::require;
using nlohmann::ordered_json;

const ordered_json& fuzzing_tools() {
  static const ordered_json tools = ordered_json::parse(R"([
    {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {
      "s": {"type": "string"}, "i": {"type": "integer"}, "a": {"anyOf": [{"$ref": "#/$defs/t"}]}, "u": {}},
      "$defs": {"t": {"$ref": "#/$defs/t"}}}}},
    {"type": "function", "function": {"name": "python"}}])");
  return tools;
}

AnswerFormat format_at(size_t number) {
  AnswerFormat format;
  if (number < known_calls().size()) {
    const KnownCalls& known = known_calls()[number];
    format.calls = known.calls;
    format.reasoning = known.reasoning.end.empty() ? ReasoningMarks{"<think>", "</think>"} : known.reasoning;
    format.calls_end_reasoning = known.calls_end_reasoning;
    format.passed_over = known.passed_over;
  } else if (number < known_calls().size() + known_reasoning().size()) {
    const KnownReasoning& known = known_reasoning()[number - known_calls().size()];
    format.reasoning = known.marks;
    format.passed_over = known.passed_over;
  } else {
    format.channels = true;
    format.reasoning = {"<|channel|>analysis<|message|>", "<|end|>"};
  }
  return format;
}

/// Reads deltas, of which no call's may stand outside of it.
class Reader {
 public:
  void add(const std::vector<AnswerDelta>& deltas) {
    for (const AnswerDelta& delta : deltas) {
      check(delta);
      answer_.add(delta);
    }
  }
  ordered_json read() const { return to_json(answer_); }

 private:
  void check(const AnswerDelta& delta) {
    switch (delta.kind) {
      case AnswerDelta::Kind::kCallBegun:
        require(!open_ && delta.call == answer_.calls.size() && !delta.name.empty(), "a call begins");
        open_ = true;
        return;
      case AnswerDelta::Kind::kArguments:
        require(open_ && !delta.text.empty(), "arguments grow");
        return;
      case AnswerDelta::Kind::kCallEnded:
        require(open_ && delta.call + 1 == answer_.calls.size(), "a call ends");
        open_ = false;
        return;
      default:
        require(!open_ && !delta.text.empty(), "text stands outside of calls");
    }
  }

  Answer answer_;
  bool open_ = false;
};

ordered_json read_in_pieces(const AnswerFormat& format, const AnswerOptions& options, std::string_view text,
                            size_t length) {
  AnswerParser parser(format, options);
  Reader reader;
  for (size_t place = 0; place < text.size(); place += length)
    reader.add(parser.push(text.substr(place, length)));
  reader.add(parser.finish());
  return reader.read();
}

}  // namespace
}  // namespace hearth

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2 || size > 4096) return 0;
  const hearth::AnswerFormat format = hearth::format_at(data[0]);
  hearth::AnswerOptions options;
  options.tools = hearth::ToolSchemas(hearth::fuzzing_tools());
  options.keep_reasoning = data[1] == 1;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const nlohmann::ordered_json whole = hearth::read_in_pieces(format, options, text, text.size() + 1);
  hearth::fuzzing::require(whole == hearth::read_in_pieces(format, options, text, 1),
                           "bytes read as the whole");
  hearth::fuzzing::require(whole == hearth::read_in_pieces(format, options, text, 7),
                           "pieces read as the whole");
  return 0;
}
