#include "apps/serve/api/anthropic/message.h"

#include <utility>

namespace hearth::serve::anthropic {

using nlohmann::ordered_json;

namespace {

/// Tokens that were read from the cache are no part of "input_tokens".
ordered_json usage_json(const AnswerFigures& figures) {
  return {{"input_tokens", figures.prompt_tokens - figures.cached_tokens},
          {"cache_creation_input_tokens", 0},
          {"cache_read_input_tokens", figures.cached_tokens},
          {"output_tokens", figures.completion_tokens}};
}

std::string_view stop_reason(const AnswerPart& last) {
  if (last.finish == HEARTH_FINISH_TOOL_CALLS) return "tool_use";
  if (last.finish == HEARTH_FINISH_LENGTH) return "max_tokens";
  return last.stop.empty() ? "end_turn" : "stop_sequence";
}

ordered_json stop_sequence(const AnswerPart& last) {
  return last.stop.empty() ? ordered_json() : ordered_json(last.stop);
}

ordered_json empty_message(const std::string& id, const std::string& model, const AnswerFigures& figures) {
  return {{"id", id},
          {"type", "message"},
          {"role", "assistant"},
          {"model", model},
          {"content", ordered_json::array()},
          {"stop_reason", nullptr},
          {"stop_sequence", nullptr},
          {"usage", usage_json(figures)}};
}

/// What the token limit has cut off is no JSON yet: such a call's input is empty.
ordered_json input_of(const CallPart& call) {
  ordered_json input = ordered_json::parse(call.arguments, nullptr, false);
  return input.is_object() ? input : ordered_json::object();
}

}  // namespace

ordered_json message_json(const std::string& id, const std::string& model, const AnswerPart& answer) {
  ordered_json message = empty_message(id, model, answer.figures);
  ordered_json& content = message["content"];
  if (!answer.reasoning.empty()) {
    content.push_back({{"type", "thinking"}, {"thinking", answer.reasoning}, {"signature", id}});
  }
  if (!answer.text.empty()) content.push_back({{"type", "text"}, {"text", answer.text}});
  for (const CallPart& call : answer.calls) {
    content.push_back(
        {{"type", "tool_use"}, {"id", call.id}, {"name", call.name}, {"input", input_of(call)}});
  }
  message["stop_reason"] = stop_reason(answer);
  message["stop_sequence"] = stop_sequence(answer);
  return message;
}

std::vector<ordered_json> MessageEvents::of(const AnswerPart& part) {
  if (!begun_) begin_message(part.figures);
  if (!part.reasoning.empty()) {
    add_to_block("thinking", {{"type", "thinking"}, {"thinking", ""}, {"signature", ""}},
                 {{"type", "thinking_delta"}, {"thinking", part.reasoning}});
  }
  if (!part.text.empty()) {
    add_to_block("text", {{"type", "text"}, {"text", ""}}, {{"type", "text_delta"}, {"text", part.text}});
  }
  for (const CallPart& call : part.calls) add_call(call);
  if (part.ended()) end_message(part);
  return std::exchange(events_, {});
}

void MessageEvents::begin_message(const AnswerFigures& figures) {
  begun_ = true;
  ordered_json message = empty_message(id_, model_, figures);
  message["usage"]["output_tokens"] = 0;
  events_.push_back({{"type", "message_start"}, {"message", std::move(message)}});
}

void MessageEvents::begin_block(std::string_view type, const ordered_json& block) {
  end_block();
  open_type_ = type;
  events_.push_back({{"type", "content_block_start"}, {"index", ++index_}, {"content_block", block}});
  if (index_ == 0) events_.push_back({{"type", "ping"}});
}

void MessageEvents::end_block() {
  if (open_type_.empty()) return;
  if (open_type_ == "thinking") {
    // Clients give it back with the block. Nobody checks it here: it names the message that thought so.
    const ordered_json delta = {{"type", "signature_delta"}, {"signature", id_}};
    events_.push_back({{"type", "content_block_delta"}, {"index", index_}, {"delta", delta}});
  }
  events_.push_back({{"type", "content_block_stop"}, {"index", index_}});
  open_type_.clear();
}

void MessageEvents::add_to_block(std::string_view type, const ordered_json& block,
                                 const ordered_json& delta) {
  if (open_type_ != type) begin_block(type, block);
  events_.push_back({{"type", "content_block_delta"}, {"index", index_}, {"delta", delta}});
}

void MessageEvents::add_call(const CallPart& call) {
  const ordered_json block = {
      {"type", "tool_use"}, {"id", call.id}, {"name", call.name}, {"input", ordered_json::object()}};
  if (!call.name.empty()) begin_block("tool_use", block);
  if (!call.arguments.empty()) {
    add_to_block("tool_use", block, {{"type", "input_json_delta"}, {"partial_json", call.arguments}});
  }
  if (call.whole) end_block();
}

void MessageEvents::end_message(const AnswerPart& last) {
  end_block();
  const ordered_json delta = {{"stop_reason", stop_reason(last)}, {"stop_sequence", stop_sequence(last)}};
  events_.push_back({{"type", "message_delta"}, {"delta", delta}, {"usage", usage_json(last.figures)}});
  events_.push_back({{"type", "message_stop"}});
}

}  // namespace hearth::serve::anthropic
