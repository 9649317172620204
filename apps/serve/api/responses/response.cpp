#include "apps/serve/api/responses/response.h"

#include <chrono>
#include <utility>

#include "apps/serve/api/openai/answer_json.h"
#include "apps/serve/api/random_id.h"

namespace hearth::serve::responses {

using nlohmann::ordered_json;

namespace {

int64_t seconds_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

ordered_json usage_json(const AnswerFigures& figures) {
  return {{"input_tokens", figures.prompt_tokens},
          {"input_tokens_details", {{"cached_tokens", figures.cached_tokens}}},
          {"output_tokens", figures.completion_tokens},
          {"output_tokens_details", {{"reasoning_tokens", figures.reasoning_tokens}}},
          {"total_tokens", figures.prompt_tokens + figures.completion_tokens}};
}

}  // namespace

ResponseWriter::ResponseWriter(const std::string& id, const std::string& model, const ordered_json& told,
                               bool summarizes)
    : response_({{"id", id},
                 {"object", "response"},
                 {"created_at", seconds_now()},
                 {"status", "in_progress"},
                 {"background", false},
                 {"completed_at", nullptr},
                 {"error", nullptr},
                 {"incomplete_details", nullptr},
                 {"model", model},
                 {"output", ordered_json::array()},
                 {"usage", nullptr}}),
      summarizes_(summarizes) {
  response_.update(told);
}

Events ResponseWriter::begin() {
  push("response.created", {{"response", response_}});
  push("response.in_progress", {{"response", response_}});
  return std::exchange(events_, {});
}

Events ResponseWriter::add(const AnswerPart& part) {
  if (!part.reasoning.empty()) add_reasoning(part.reasoning);
  const bool has_logprobs = open_ == Open::kMessage && !part.logprobs.empty();
  if (!part.text.empty() || has_logprobs) add_text(part.text, openai::token_logprobs(part.logprobs));
  for (const CallPart& call : part.calls) add_call(call);
  if (part.ended()) end(part);
  return std::exchange(events_, {});
}

Events ResponseWriter::fail(const Refusal& refusal) {
  close("incomplete");
  response_["status"] = "failed";
  response_["error"] = {{"code", "server_error"}, {"message", refusal.message}};
  push("response.failed", {{"response", response_}});
  return std::exchange(events_, {});
}

void ResponseWriter::push(std::string_view type, ordered_json members) {
  ordered_json event = {{"type", type}, {"sequence_number", sequence_number_++}};
  event.update(members);
  events_.push_back(std::move(event));
}

void ResponseWriter::push_of_item(std::string_view type, ordered_json members) {
  ordered_json place = {{"item_id", item()["id"]}, {"output_index", response_["output"].size() - 1}};
  place.update(members);
  push(type, std::move(place));
}

void ResponseWriter::push_of_part(std::string_view type, ordered_json members) {
  ordered_json place = {{is_summary() ? "summary_index" : "content_index", 0}};
  place.update(members);
  push_of_item(type, std::move(place));
}

void ResponseWriter::open(Open kind, ordered_json item) {
  close("completed");
  open_ = kind;
  response_["output"].push_back(std::move(item));
  push("response.output_item.added",
       {{"output_index", response_["output"].size() - 1}, {"item", response_["output"].back()}});
}

void ResponseWriter::open_reasoning() {
  open(Open::kReasoning, {{"id", random_id("rs_")},
                          {"type", "reasoning"},
                          {"summary", ordered_json::array()},
                          {"content", ordered_json::array()},
                          {"status", "in_progress"}});
  const ordered_json empty = {{"type", summarizes_ ? "summary_text" : "reasoning_text"}, {"text", ""}};
  item()[summarizes_ ? "summary" : "content"].push_back(empty);
  push_of_part(summarizes_ ? "response.reasoning_summary_part.added" : "response.content_part.added",
               {{"part", empty}});
}

void ResponseWriter::open_message() {
  open(Open::kMessage, {{"id", random_id("msg_")},
                        {"type", "message"},
                        {"status", "in_progress"},
                        {"role", "assistant"},
                        {"content", ordered_json::array()}});
  const ordered_json empty = {{"type", "output_text"},
                              {"annotations", ordered_json::array()},
                              {"logprobs", ordered_json::array()},
                              {"text", ""}};
  item()["content"].push_back(empty);
  push_of_part("response.content_part.added", {{"part", empty}});
}

void ResponseWriter::close(std::string_view status) {
  if (open_ == Open::kNothing) return;
  if (open_ == Open::kCall) {
    push_of_item("response.function_call_arguments.done",
                 {{"name", item()["name"]}, {"arguments", item()["arguments"]}});
  } else {
    close_part();
  }
  item()["status"] = status;
  push("response.output_item.done", {{"output_index", response_["output"].size() - 1}, {"item", item()}});
  open_ = Open::kNothing;
}

void ResponseWriter::close_part() {
  const ordered_json text = part()["text"];
  if (open_ == Open::kMessage) {
    push_of_part("response.output_text.done", {{"text", text}, {"logprobs", part()["logprobs"]}});
  } else {
    push_of_part(summarizes_ ? "response.reasoning_summary_text.done" : "response.reasoning_text.done",
                 {{"text", text}});
  }
  push_of_part(is_summary() ? "response.reasoning_summary_part.done" : "response.content_part.done",
               {{"part", part()}});
}

void ResponseWriter::add_reasoning(const std::string& text) {
  if (open_ != Open::kReasoning) open_reasoning();
  part()["text"].get_ref<std::string&>() += text;
  push_of_part(summarizes_ ? "response.reasoning_summary_text.delta" : "response.reasoning_text.delta",
               {{"delta", text}});
}

void ResponseWriter::add_text(const std::string& text, const ordered_json& logprobs) {
  if (open_ != Open::kMessage) open_message();
  part()["text"].get_ref<std::string&>() += text;
  for (const ordered_json& token : logprobs) part()["logprobs"].push_back(token);
  push_of_part("response.output_text.delta", {{"delta", text}, {"logprobs", logprobs}});
}

void ResponseWriter::add_call(const CallPart& call) {
  if (!call.name.empty()) {
    open(Open::kCall, {{"id", random_id("fc_")},
                       {"type", "function_call"},
                       {"status", "in_progress"},
                       {"call_id", call.id},
                       {"name", call.name},
                       {"arguments", ""}});
  }
  if (open_ != Open::kCall) return;
  if (!call.arguments.empty()) {
    item()["arguments"].get_ref<std::string&>() += call.arguments;
    push_of_item("response.function_call_arguments.delta", {{"delta", call.arguments}});
  }
  if (call.whole) close("completed");
}

void ResponseWriter::end(const AnswerPart& last) {
  const bool is_cut = last.finish == HEARTH_FINISH_LENGTH;
  // Clients look for a message, be it empty.
  if (response_["output"].empty()) open_message();
  close(is_cut ? "incomplete" : "completed");
  response_["status"] = is_cut ? "incomplete" : "completed";
  if (is_cut) {
    response_["incomplete_details"] = {{"reason", "max_output_tokens"}};
  } else {
    response_["completed_at"] = seconds_now();
  }
  response_["usage"] = usage_json(last.figures);
  push(is_cut ? "response.incomplete" : "response.completed", {{"response", response_}});
}

}  // namespace hearth::serve::responses
