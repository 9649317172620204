#include "apps/cli/answer.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "apps/cli/interrupt.h"

namespace hearth::cli {
namespace {

Result<void> show_nothing(std::string_view) { return {}; }

Result<void> collect(Generation& generation, Answer& collected, const ShowText& show,
                     const ShowText& show_reasoning) {
  while (auto event = generation.next()) {
    HEARTH_TRY(show_reasoning(event->reasoning));
    std::string reasoning = std::move(collected.last.reasoning) + event->reasoning;
    const bool ends_reasoning = collected.text.empty() && !event->text.empty() && !reasoning.empty();
    if (ends_reasoning) HEARTH_TRY(show_reasoning("\n\n"));
    HEARTH_TRY(show(event->text));
    collected.text += event->text;
    std::vector<ChosenLogprob> logprobs = std::move(collected.last.logprobs);
    std::move(event->logprobs.begin(), event->logprobs.end(), std::back_inserter(logprobs));
    collected.last = std::move(*event);
    collected.last.logprobs = std::move(logprobs);
    collected.last.reasoning = std::move(reasoning);
  }
  if (collected.last.error) return *collected.last.error;
  return {};
}

}  // namespace

Result<Answer> answer(Scheduler& scheduler, GenerationRequest request, const ShowText& show,
                      const ShowText& show_reasoning) {
  HEARTH_ASSIGN(const std::shared_ptr<Generation> generation, scheduler.submit(std::move(request)));
  Answer collected;
  collected.seed = generation->seed();
  while (!generation->finished()) {
    if (interrupted()) generation->cancel();
    scheduler.step();
    HEARTH_TRY(collect(*generation, collected, show, show_reasoning));
  }
  return collected;
}

Result<std::vector<Answer>> answers(Scheduler& scheduler, const GenerationRequest& request, int n) {
  std::vector<std::shared_ptr<Generation>> generations;
  for (int index = 0; index < n; ++index) {
    GenerationRequest each = request;
    if (each.seed) *each.seed += static_cast<uint64_t>(index);
    HEARTH_ASSIGN(generations.emplace_back(), scheduler.submit(std::move(each)));
  }
  while (scheduler.step()) {
    if (!interrupted()) continue;
    for (const auto& generation : generations) generation->cancel();
  }
  std::vector<Answer> all;
  for (const auto& generation : generations) {
    Answer& collected = all.emplace_back();
    collected.seed = generation->seed();
    HEARTH_TRY(collect(*generation, collected, show_nothing, show_nothing));
  }
  return all;
}

}  // namespace hearth::cli
