// The way of each row through the experts that it chose.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/compute/backend.h"
#include "engine/compute/cpu/context.h"

namespace hearth::cpu {

/// A row's way through one expert. Visits are numbered expert by expert, so that an expert's inputs and
/// outputs lie side by side.
struct ExpertVisit {
  int32_t expert = 0;  // where experts share matrices: the number of the matrix
  float weight = 0.0F;
  int64_t visit = 0;
};

/// The visits of one expert that at least one row chose.
struct BusyExpert {
  int32_t expert;
  int64_t first_visit;
  int64_t visit_count;

  /// This expert's rows of a tensor with a row for each visit.
  Tensor rows_of(Tensor visits) const { return visits.slice_rows(first_visit, visit_count); }
};

struct ExpertRoutes {
  std::vector<ExpertVisit> visits;  // `used` for each row, in the order of choice
  std::vector<BusyExpert> busy;
};

/// `selection_bias` may be nowhere. Uses the context's shared scratch.
ExpertRoutes route(Context& context, const ExpertParameters& parameters, Vector selection_bias,
                   Tensor logits);

}  // namespace hearth::cpu
