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
  std::unique_ptr<AnswerReader> reader(new AnswerReader(*readable, options));
  const std::string tail = format.tokenizer().decode(prompt.last(std::min(prompt.size(), kTailTokens)), true);
  const std::string_view begun =
      request.keep_reasoning ? std::string_view() : begun_answer(readable->format, tail);
  reader->begun_ = reader->push(begun);
  reader->must_call_ = request.tool_choice != "auto" && request.tool_choice != "none";
  if (reader->is_reasoning() && (reader->must_call_ || !may_think)) {
    reader->forced_ = std::string(reader->reasoning_end()) + "\n\n";
  }
  if (tools.is_array()) reader->tools_ = tools_of(tools);
  reader->notations_ = notations_of(*readable);
  if (reader->must_call_) HEARTH_TRY(reader->force_call(request, options, begun));
  for (AnswerDelta& delta : reader->push(reader->forced_)) reader->begun_.push_back(std::move(delta));
  return reader;
}

Result<void> AnswerReader::force_call(const ChatRequest& request, const AnswerOptions& options,
                                      std::string_view begun) {
  const CallBeginning& call = format_.format.call_beginning;
  if (call.before_name.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "the model's chat template shows no tool calls, so that none can be required"};
  }
  for (const ToolToCall& tool : tools_) {
    if (request.tool_choice != "required" && request.tool_choice != tool.name) continue;
    std::string beginning = tool.name + call.after_name;
    AnswerParser trial(format_.format, options);
    trial.push(begun);
    trial.push(forced_ + call.before_name + beginning);
    std::optional<CallToHold> arguments = trial.open_call() ? to_hold(*trial.open_call()) : std::nullopt;
    if (arguments && beginning.ends_with(arguments->text)) {
      beginning.resize(beginning.size() - arguments->text.size());
    } else {
      arguments.reset();
    }
    choices_.push_back({std::move(beginning), std::move(arguments)});
  }
  forced_ += call.before_name;
  if (choices_.size() == 1) force(choices_.front());
  return {};
}

/// White space is left to the answer, where it may belong to the token that opens the arguments.
void AnswerReader::force(CallToMake& only) {
  const size_t length = only.arguments ? only.beginning.find_last_not_of(" \n") + 1 : only.beginning.size();
  forced_ += only.beginning.substr(0, length);
  only.beginning.erase(0, length);
  if (!only.arguments) choices_.clear();
}

std::optional<CallToHold> AnswerReader::to_hold(const OpenCall& call) const {
  const std::optional<ArgumentNotation> notation = notation_of(*call.syntax, format_);
  const auto known = std::find(notations_.begin(), notations_.end(), notation);
  if (known == notations_.end()) return std::nullopt;
  return CallToHold{call.name, static_cast<size_t>(known - notations_.begin()), call.text};
}

std::optional<CallToHold> AnswerReader::take_open_call() {
  const std::optional<OpenCall>& open = parser_.open_call();
  if (!open || told_call_ == open->number) {
    if (!open) told_call_.reset();
    return std::nullopt;
  }
  told_call_ = open->number;
  return to_hold(*open);
}

bool AnswerReader::is_mark(TokenId token) const {
  return std::binary_search(format_.marks.begin(), format_.marks.end(), token);
}

}  // namespace hearth
