#include "engine/runtime/answer_reader.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "engine/runtime/call_notation.h"
#include "engine/text/answer/answer_reading.h"
#include "engine/text/json_text.h"

namespace hearth {
namespace {

using nlohmann::ordered_json;

/// The header of an answer is shorter, with what a template begins of the answer.
constexpr size_t kTailTokens = 64;

std::vector<ToolToCall> tools_of(const ordered_json& tools) {
  std::vector<ToolToCall> all;
  for (const ordered_json& tool : tools) {
    if (!tool.is_object()) continue;
    const ordered_json& function = tool.contains("function") ? tool["function"] : tool;
    if (!function.is_object() || !function.contains("name") || !function["name"].is_string()) continue;
    const bool has_schema = function.contains("parameters") && function["parameters"].is_object();
    const ordered_json& schema = has_schema ? function["parameters"] : ordered_json({{"type", "object"}});
    all.push_back({function["name"], write_json(schema), function.value("strict", ordered_json()) == true});
  }
  return all;
}

}  // namespace

Result<std::unique_ptr<AnswerReader>> AnswerReader::create(const ChatFormat& format, std::string_view chat,
                                                           std::span<const TokenId> prompt, bool may_think) {
  HEARTH_ASSIGN(const ChatRequest request, read_chat(chat));
  HEARTH_ASSIGN(const ReadableFormat* readable, format.answers_to(request.input));
  const ordered_json& tools = request.input.tools;
  AnswerOptions options;
  options.tools = ToolSchemas(tools.is_array() ? tools : ordered_json::array());
  options.keep_reasoning = request.keep_reasoning;
  options.calls_before = count_calls(request.input.messages);
  std::unique_ptr<AnswerReader> reader(new AnswerReader(*readable, std::move(options)));
  const std::string tail = format.tokenizer().decode(prompt.last(std::min(prompt.size(), kTailTokens)), true);
  if (!request.keep_reasoning) reader->begun_ = reader->push(begun_answer(readable->format, tail));
  reader->must_call_ = request.tool_choice != "auto" && request.tool_choice != "none";
  if (reader->is_reasoning() && (reader->must_call_ || !may_think)) {
    reader->forced_ = std::string(reader->reasoning_end()) + "\n\n";
  }
  if (tools.is_array()) reader->tools_ = tools_of(tools);
  if (reader->must_call_) HEARTH_TRY(reader->force_call(request));
  for (AnswerDelta& delta : reader->push(reader->forced_)) reader->begun_.push_back(std::move(delta));
  reader->notations_ = notations_of(*readable);
  return reader;
}

Result<void> AnswerReader::force_call(const ChatRequest& request) {
  const CallBeginning& call = format_.format.call_beginning;
  if (call.before_name.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "the model's chat template shows no tool calls, so that none can be required"};
  }
  for (const ToolToCall& tool : tools_) {
    if (request.tool_choice == "required" || request.tool_choice == tool.name) {
      choices_.push_back(tool.name + call.after_name);
    }
  }
  forced_ += call.before_name;
  if (choices_.size() > 1) return {};
  for (const std::string& only : choices_) forced_ += only;
  choices_.clear();
  return {};
}

std::optional<CallToHold> AnswerReader::take_open_call() {
  const std::optional<OpenCall>& open = parser_.open_call();
  if (!open || told_call_ == open->number) {
    if (!open) told_call_.reset();
    return std::nullopt;
  }
  told_call_ = open->number;
  const std::optional<ArgumentNotation> notation = notation_of(*open->syntax, format_);
  const auto known = std::find(notations_.begin(), notations_.end(), notation);
  if (known == notations_.end()) return std::nullopt;
  return CallToHold{open->name, static_cast<size_t>(known - notations_.begin()), open->text};
}

bool AnswerReader::is_mark(TokenId token) const {
  return std::binary_search(format_.marks.begin(), format_.marks.end(), token);
}

}  // namespace hearth
