// Importance matrices: what errors in each column of a weight count, as llama.cpp's imatrix tool measures it.
// It is the mean square of what the column was multiplied with while the model read a text.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/byte_source.h"
#include "engine/base/result.h"
#include "engine/format/gguf_writer.h"

namespace hearth {

/// Of a weight's inputs, for each of its matrices (one, or one per expert).
struct ColumnSums {
  std::vector<float> squares;  // each column's sum of squares: of matrix 0, then of matrix 1, ...
  std::vector<float> counts;   // how many rows went into them, one for each matrix
};

/// What sums were made of.
struct ImportanceOrigin {
  std::vector<std::string> texts;  // what they are called
  uint32_t chunks;
  uint32_t chunk_tokens;
};

/// Adds what makes up a file as llama.cpp's tool writes it. `sums` must live until it is written.
void add_importance(const std::map<std::string, ColumnSums>& sums, const ImportanceOrigin& origin,
                    GgufWriter& writer);

class ImportanceMatrix {
 public:
  /// Reads llama.cpp's GGUF files (general.type "imatrix") and its older ones (.dat). INVALID_MODEL naming
  /// tensor or offset for what is neither, or holds sums that cannot be: negative, infinite, of no counts.
  static Result<ImportanceMatrix> read(std::shared_ptr<const ByteSource> source);

  /// The importance of each column, matrix by matrix, in units of its mean in the matrix; all are above 0, so
  /// that no column is free to be anything. Empty where nothing is known of that weight.
  std::span<const float> columns_of(std::string_view weight) const;
  /// Of every weight that it tells of.
  const std::map<std::string, std::vector<float>, std::less<>>& weights() const { return means_; }

  /// Also replaces what was there of that weight.
  void add(std::string weight, ColumnSums sums);

 private:
  std::map<std::string, std::vector<float>, std::less<>> means_;
};

}  // namespace hearth
