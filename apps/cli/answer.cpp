#include "apps/cli/answer.h"

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
      collected.last = std::move(*event);
    }
  }
  if (collected.last.error) return *collected.last.error;
  return collected;
}

}  // namespace hearth::cli
