#include "apps/serve/api/answer_parts.h"

#include <algorithm>
#include <utility>

#include "apps/serve/api/random_id.h"
#include "apps/serve/refusal.h"

namespace hearth::serve {

using nlohmann::ordered_json;

namespace {

/// Templates that check ids, as Mistral's do, ask for nine letters and digits.
constexpr size_t kCallIdLength = 9;

CallPart call_part(const ordered_json& json) {
  CallPart part;
  part.index = json.value("index", size_t{0});
  part.name = json.value("name", "");
  if (!part.name.empty()) part.id = json.value("id", "");
  if (!part.name.empty() && part.id.empty()) part.id = random_id("", kCallIdLength);
  part.arguments = json.value("arguments", "");
  part.whole = json.value("whole", false);
  return part;
}

}  // namespace

bool AnswerPart::says_something() const {
  return !text.empty() || !reasoning.empty() || !calls.empty() || !logprobs.empty();
}

void AnswerPart::append(AnswerPart next) {
  text += next.text;
  reasoning += next.reasoning;
  for (CallPart& piece : next.calls) add(std::move(piece));
  for (ordered_json& token : next.logprobs) logprobs.push_back(std::move(token));
  warnings.insert(warnings.end(), next.warnings.begin(), next.warnings.end());
  finish = next.finish;
  stop = std::move(next.stop);
  figures = next.figures;
}

void AnswerPart::add(CallPart piece) {
  const auto same = std::find_if(calls.begin(), calls.end(),
                                 [&](const CallPart& call) { return call.index == piece.index; });
  if (same == calls.end()) {
    calls.push_back(std::move(piece));
  } else {
    same->arguments += piece.arguments;
    same->whole |= piece.whole;
  }
}

AnswerPart part_of(const StreamEvent& event) {
  AnswerPart part;
  part.text = event.text;
  part.finish = event.finish;
  AnswerFigures& figures = part.figures;
  figures.prompt_tokens = event.prompt_tokens;
  figures.cached_tokens = event.cached_tokens;
  figures.completion_tokens = event.completion_tokens;
  figures.queued_ms = event.queued_ms;
  figures.prefill_ms = event.prefill_ms;
  figures.decode_ms = event.decode_ms;
  figures.seed = event.seed;
  if (event.json.empty()) return part;
  const ordered_json extras = ordered_json::parse(event.json);
  part.reasoning = extras.value("reasoning", "");
  part.logprobs = extras.value("logprobs", ordered_json::array());
  part.stop = extras.value("stop", "");
  part.warnings = extras.value("warnings", part.warnings);
  for (const ordered_json& call : extras.value("toolCalls", ordered_json::array())) {
    part.add(call_part(call));
  }
  if (const auto speculation = extras.find("speculation"); speculation != extras.end()) {
    figures.drafted_tokens = speculation->value("draftedTokens", 0);
    figures.accepted_tokens = speculation->value("acceptedTokens", 0);
  }
  return part;
}

void end_behind_first_call(AnswerPart& part) {
  std::erase_if(part.calls, [](const CallPart& call) { return call.index > 0; });
  if (!part.calls.empty() && part.calls.back().whole) part.finish = HEARTH_FINISH_TOOL_CALLS;
}

Awaitable<AnswerPart> AnswerReader::next() {
  const StreamEvent event = co_await answer_->next();
  if (event.finish == HEARTH_FINISH_CANCELLED) {
    throw Refusal(Error{ErrorCode::kAborted, "the answer was cancelled"});
  }
  AnswerPart part = part_of(event);
  // What is thought comes before what is said.
  if (!part.reasoning.empty()) reasoning_tokens_ = part.figures.completion_tokens;
  part.figures.reasoning_tokens = reasoning_tokens_;
  if (one_call_) end_behind_first_call(part);
  co_return part;
}

Awaitable<AnswerPart> AnswerReader::rest() {
  AnswerPart whole;
  while (!whole.ended()) {
    AnswerPart part = co_await next();
    whole.append(std::move(part));
  }
  co_return whole;
}

}  // namespace hearth::serve
