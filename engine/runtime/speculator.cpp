#include "engine/runtime/speculator.h"

#include <algorithm>
#include <utility>

#include "engine/runtime/prompt_lookup.h"

namespace hearth {
namespace {

/// Rows of all drafts together: up to about here a product's rows share the reading of the weights, and
/// beyond each costs in full.
constexpr int32_t kMostRows = 32;

}  // namespace

Result<Speculation> Speculator::choose(const GenerationOptions& options) const {
  const std::string_view asked = options.speculation;
  if (asked == "draft" && !draft_model_) {
    return Error{ErrorCode::kInvalidArgument,
                 "speculation by a draft model needs one: load the model with the option draft"};
  }
  if (!can_go_back_) return Speculation::kOff;
  if (asked == "lookup") return Speculation::kLookup;
  return draft_model_ && asked != "off" ? Speculation::kDraft : Speculation::kOff;
}

void Speculator::begin(const GenerationQueue& queue) {
  const auto& running = queue.running();
  const auto writers = static_cast<int32_t>(std::count_if(
      running.begin(), running.end(), [](const auto& generation) { return generation->pending() == 1; }));
  for (const auto& generation : running) {
    if (generation->pending() != 1) continue;
    const int32_t count = std::min(kMostRows / writers - 1, generation->wanted_draft(context_size_));
    if (count <= 0) continue;
    if (generation->speculation() == Speculation::kLookup) {
      generation->draft() = look_up(generation->context(), count);
    } else if (!draft_model_->is_lost()) {
      draft_model_->ask(generation, count);
    }
  }
  is_drafting_ = draft_model_ && draft_model_->begin_round();
}

void Speculator::advance() {
  while (is_drafting_ && draft_model_->round_ready()) {
    draft_model_->end_round();
    is_drafting_ = draft_model_->begin_round();
  }
}

void Speculator::finish() {
  while (is_drafting_) {
    draft_model_->wait_for_round();
    draft_model_->end_round();
    is_drafting_ = draft_model_->begin_round();
  }
}

void Speculator::keep(const Generation& generation) {
  if (draft_model_) draft_model_->keep(generation);
}

}  // namespace hearth
