// Generations of a model that writes by diffusion: a step reads whole canvases (canvas.h), as many as there
// is room for in a batch, and reveals some of their masks. Nothing of what it reads is remembered from step
// to step, since every position sees those that change behind it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "engine/base/result.h"
#include "engine/model/forward.h"
#include "engine/runtime/answer_reader.h"
#include "engine/runtime/call_grammars.h"
#include "engine/runtime/canvas.h"
#include "engine/runtime/generation.h"
#include "engine/runtime/generation_queue.h"
#include "engine/runtime/model.h"
#include "engine/runtime/row_logits.h"
#include "engine/runtime/rows.h"

namespace hearth {

/// How a request's text is written, whose prompt fits the context. UNSUPPORTED naming the option that asks
/// for what cannot be done where tokens come in any order; INVALID_MODEL where the file names no mask.
Result<CanvasPlan> plan_canvas(const Model& model, const GenerationRequest& request, int32_t context_size);
/// Of calls that no grammar holds, with a warning where there are tools. UNSUPPORTED where one has to be
/// made, or a tool is strict.
Result<CallGrammars> free_calls(const Model& model, const AnswerReader& reader);
/// UNSUPPORTED for options of such models alone.
Result<void> refuse_canvas_options(const Model& model, const GenerationRequest& request);

class DiffusionWriter {
 public:
  /// `model` must outlive it. A step has at most `max_rows` rows, but for a canvas that has more alone.
  DiffusionWriter(const Model& model, int32_t max_rows)
      : model_(model), max_rows_(static_cast<size_t>(max_rows)), row_logits_(model) {}

  /// Begins a step for those that run: of a higher priority first, and among equals those that have waited
  /// for longest. None is begun where all of them were cancelled meanwhile.
  void begin(GenerationQueue& queue, Forward& forward);
  bool is_writing() const { return !members_.empty(); }
  /// Whether the device is done with the step.
  bool is_ready(const Forward& forward);
  /// Waits for the device, and has every canvas of the step reveal its share. Where the step fails as a
  /// whole, all are as they were before it.
  struct Outcome {
    std::shared_ptr<Generation> generation;
    Result<void> result;
  };
  std::vector<Outcome> end(Forward& forward);

 private:
  using Member = std::shared_ptr<Generation>;
  std::vector<Member> in_turn(const GenerationQueue& queue) const;
  void plan(GenerationQueue& queue);
  Result<void> add(const Member& generation);
  Result<void> guess(Forward& forward);

  const Model& model_;
  size_t max_rows_;
  RowLogits row_logits_;
  std::vector<Outcome> members_;  // of the step that was begun,
  Rows rows_;                     // its rows,
  struct Mask {
    size_t member;
    int32_t position;
  };
  std::vector<Mask> masks_;  // of what each of its outputs tells
  Result<void> begun_;
  int64_t step_ = 0;
};

}  // namespace hearth
