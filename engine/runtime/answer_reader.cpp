#include "engine/runtime/answer_reader.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/text/answer/answer_reading.h"

namespace hearth {
namespace {

/// The header of an answer is shorter, with what a template begins of the answer.
constexpr size_t kTailTokens = 64;

}  // namespace

Result<std::unique_ptr<AnswerReader>> AnswerReader::create(const ChatFormat& format, std::string_view chat,
                                                           std::span<const TokenId> prompt) {
  HEARTH_ASSIGN(const ChatRequest request, read_chat(chat));
  HEARTH_ASSIGN(const ReadableFormat* readable, format.answers_to(request.input));
  const nlohmann::ordered_json& tools = request.input.tools;
  AnswerOptions options;
  options.tools = ToolSchemas(tools.is_array() ? tools : nlohmann::ordered_json::array());
  options.keep_reasoning = request.keep_reasoning;
  options.calls_before = count_calls(request.input.messages);
  std::unique_ptr<AnswerReader> reader(new AnswerReader(*readable, std::move(options)));
  const std::string tail = format.tokenizer().decode(prompt.last(std::min(prompt.size(), kTailTokens)), true);
  const std::string_view begun = begun_answer(readable->format, tail);
  if (!request.keep_reasoning) reader->begun_ = reader->parser_.push(begun);
  return reader;
}

bool AnswerReader::is_mark(TokenId token) const {
  return std::binary_search(format_.marks.begin(), format_.marks.end(), token);
}

}  // namespace hearth
