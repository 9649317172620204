#include "engine/runtime/answer_reader.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "engine/text/answer/answer_reading.h"
#include "engine/text/json_text.h"

namespace hearth {
namespace {

using nlohmann::ordered_json;

/// The header of an answer is shorter, with what a template begins of the answer.
constexpr size_t kTailTokens = 64;

/// Calls visit(name, schema of the arguments) for each tool.
template <typename Visit>
void each_tool(const ordered_json& tools, const Visit& visit) {
  for (const ordered_json& tool : tools) {
    if (!tool.is_object()) continue;
    const ordered_json& function = tool.contains("function") ? tool["function"] : tool;
    if (!function.is_object() || !function.contains("name") || !function["name"].is_string()) continue;
    const bool has_schema = function.contains("parameters") && function["parameters"].is_object();
    visit(function["name"].get<std::string>(),
          has_schema ? function["parameters"] : ordered_json({{"type", "object"}}));
  }
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
  const bool must_call = request.tool_choice != "auto" && request.tool_choice != "none";
  if (reader->is_reasoning() && (must_call || !may_think)) {
    reader->forced_ = std::string(reader->reasoning_end()) + "\n\n";
  }
  if (must_call) HEARTH_TRY(reader->force_call(request));
  for (AnswerDelta& delta : reader->push(reader->forced_)) reader->begun_.push_back(std::move(delta));
  if (tools.is_array() && readable->format.call_beginning.has_json) reader->hold_to_schemas(tools);
  return reader;
}

Result<void> AnswerReader::force_call(const ChatRequest& request) {
  const CallBeginning& call = format_.format.call_beginning;
  if (call.before_name.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "the model's chat template shows no tool calls, so that none can be required"};
  }
  each_tool(request.input.tools, [&](const std::string& name, const ordered_json&) {
    if (request.tool_choice == "required" || request.tool_choice == name) {
      choices_.push_back(name + call.after_name);
    }
  });
  forced_ += call.before_name;
  if (choices_.size() > 1) return {};
  for (const std::string& only : choices_) forced_ += only;
  choices_.clear();
  return {};
}

void AnswerReader::hold_to_schemas(const ordered_json& tools) {
  each_tool(tools, [&](const std::string& name, const ordered_json& schema) {
    schemas_.emplace_back(name, write_json(schema));
  });
}

std::vector<AnswerDelta> AnswerReader::push(std::string_view text) {
  std::vector<AnswerDelta> deltas = parser_.push(text);
  for (const AnswerDelta& delta : deltas) {
    if (delta.kind == AnswerDelta::Kind::kCallBegun) {
      new_call_ = {delta.name, ""};
      is_in_call_ = true;
    } else if (delta.kind == AnswerDelta::Kind::kArguments && new_call_) {
      new_call_->arguments += delta.text;
    } else if (delta.kind == AnswerDelta::Kind::kCallEnded) {
      new_call_.reset();
      is_in_call_ = false;
    }
  }
  return deltas;
}

bool AnswerReader::is_mark(TokenId token) const {
  return std::binary_search(format_.marks.begin(), format_.marks.end(), token);
}

}  // namespace hearth
