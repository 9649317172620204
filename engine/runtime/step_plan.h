// What one step of the scheduler runs.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/runtime/generation_queue.h"
#include "engine/runtime/rows.h"

namespace hearth {

struct StepPlan {
  /// One row for every generation that decodes, and those of its draft; what is left of `max_rows`, at most
  /// `reading_rows`, goes to those that still read their prompt: to those of the highest priority first,
  /// evenly among equals. Extends their states by these rows, for which others may be put back.
  /// Texts that an encoder reads have steps of their own, each text a whole one: as many as `max_rows` take,
  /// and one at least.
  static StepPlan make(GenerationQueue& queue, int32_t max_rows, int32_t reading_rows);

  struct Member {
    std::shared_ptr<Generation> generation;
    int32_t rows;
    int32_t outputs;  // of them, the last ones: 1 where it gives the next token, and 1 for each drafted one
    size_t first_output = 0;  // among the batch's output rows
  };

  /// Whether all of them were cancelled: then nobody wants its outcome.
  bool is_unwanted() const;
  /// Takes the states back to where they were.
  void undo() const;

  Rows rows;
  std::vector<Member> members;

 private:
  static StepPlan of_sources(GenerationQueue& queue, int32_t max_rows);
  void add(Member member);
};

}  // namespace hearth
