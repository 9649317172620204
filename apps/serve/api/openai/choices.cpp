#include "apps/serve/api/openai/choices.h"

namespace hearth::serve::openai {

namespace {

AnswerPart ended_before(const AnswerPart& first) {
  AnswerPart ended;
  ended.finish = HEARTH_FINISH_LENGTH;
  ended.figures.prompt_tokens = first.figures.prompt_tokens;
  ended.figures.cached_tokens = first.figures.cached_tokens;
  ended.figures.queued_ms = first.figures.queued_ms;
  ended.figures.prefill_ms = first.figures.prefill_ms;
  return ended;
}

}  // namespace

Awaitable<Choices::Part> Choices::next() {
  if (turn_ >= running_.size()) turn_ = 0;
  Running& running = running_[turn_];
  AnswerPart part = co_await running.answer.next();
  if (no_tokens_) part = ended_before(part);
  if (end_ && end_(running.choice, part) && !part.ended()) part.finish = HEARTH_FINISH_LENGTH;
  Part next{running.choice, std::move(part)};
  if (next.part.ended()) {
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(turn_));
  } else {
    ++turn_;
  }
  co_return next;
}

Awaitable<std::vector<AnswerPart>> Choices::wholes() {
  std::vector<AnswerPart> wholes(running_.size());
  while (!done()) {
    Part next = co_await this->next();
    wholes[next.choice].append(std::move(next.part));
  }
  co_return wholes;
}

}  // namespace hearth::serve::openai
