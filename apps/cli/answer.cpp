#include "apps/cli/answer.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "apps/cli/interrupt.h"

namespace hearth::cli {

Result<Answer> answer(Scheduler& scheduler, GenerationRequest request,
                      const std::function<Result<void>(std::string_view)>& show) {
  HEARTH_ASSIGN(const std::shared_ptr<Generation> generation, scheduler.submit(std::move(request)));
  Answer collected;
  collected.seed = generation->seed();
  while (!generation->finished()) {
    if (interrupted()) generation->cancel();
    scheduler.step();
    while (auto event = generation->next()) {
      HEARTH_TRY(show(event->text));
      collected.text += event->text;
      std::vector<ChosenLogprob> logprobs = std::move(collected.last.logprobs);
      std::move(event->logprobs.begin(), event->logprobs.end(), std::back_inserter(logprobs));
      collected.last = std::move(*event);
      collected.last.logprobs = std::move(logprobs);
    }
  }
  if (collected.last.error) return *collected.last.error;
  return collected;
}

}  // namespace hearth::cli
