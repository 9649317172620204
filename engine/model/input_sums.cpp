#include "engine/model/input_sums.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace hearth {
namespace {

bool has_importance(std::string_view name, bool with_output) {
  // An embedding is looked up, not multiplied with, unless it is the output, too.
  const bool is_output = name == "output.weight" || name == "token_embd.weight";
  return name.starts_with("blk.") || (with_output && is_output);
}

}  // namespace

InputSums::InputSums(const std::map<std::string, NamedMatrix>& matrices, bool with_output) {
  for (const auto& [name, matrix] : matrices) {
    if (!has_importance(name, with_output)) continue;
    const auto columns = static_cast<size_t>(matrix.shape.front());
    const auto count = static_cast<size_t>(matrix.shape.size() > 2 ? matrix.shape[2] : 1);
    sums_[matrix.matrix] = {name, std::vector<double>(columns * count), std::vector<uint64_t>(count)};
  }
}

void InputSums::add(const Weight& weight, size_t number, std::span<const float> rows) {
  const auto found = sums_.find(weight.matrix);
  if (found == sums_.end()) return;
  const auto columns = static_cast<size_t>(weight.columns);
  double* const squares = found->second.squares.data() + number * columns;
  for (; !rows.empty(); rows = rows.subspan(columns)) {
    for (size_t i = 0; i < columns; ++i) squares[i] += double{rows[i]} * double{rows[i]};
    ++found->second.rows[number];
  }
}

Result<std::map<std::string, ColumnSums>> InputSums::by_name() const {
  HEARTH_TRY(outcome_);
  std::map<std::string, ColumnSums> named;
  for (const auto& [matrix, sums] : sums_) {
    if (std::all_of(sums.rows.begin(), sums.rows.end(), [](uint64_t rows) { return rows == 0; })) continue;
    ColumnSums result{{sums.squares.begin(), sums.squares.end()}, {sums.rows.begin(), sums.rows.end()}};
    if (!std::all_of(result.squares.begin(), result.squares.end(),
                     [](float sum) { return std::isfinite(sum); })) {
      return Error{
          ErrorCode::kInvalidModel,
          fmt::format("what went into '{}' were no finite numbers: the weights are damaged, or too large "
                      "for floats",
                      sums.name)};
    }
    named[sums.name] = std::move(result);
  }
  return named;
}

}  // namespace hearth
