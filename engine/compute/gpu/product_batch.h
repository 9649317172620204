// Products with several matrices, as far as one dispatch can take them: of one type, and each kind of operand
// in one block (kernels/parts/matrix/matrices.wgsl).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "engine/compute/backend.h"
#include "engine/compute/gpu/recorder.h"

namespace hearth::gpu {

/// x * weight^T * scale + bias of some columns of x, as some columns of out.
struct Product {
  Weight weight;
  int64_t x_column = 0;
  Tensor out;
  int64_t out_column = 0;
  Vector bias = {};   // optional
  Vector scale = {};  // one number; optional

  /// Outputs [first, first + count).
  Product slice_outputs(int64_t first, int64_t count) const;
  /// Rows [first, first + count) of x and out.
  Product slice_rows(int64_t first, int64_t count) const;
};

/// What is done with products; the numbers are finish.wgsl's.
enum class Then : uint32_t {
  kWrite = 0,
  kActivate = 1,
  kOpen = 2,        // as gates they open what out holds, which they replace
  kOpenSecond = 3,  // of two matrices: gates that open the products with the second; few rows alone
};

/// Pieces of memory of one block as one operand.
class Cover {
 public:
  /// False where they would lie in different blocks, or further apart than `largest` bytes.
  bool add(Buffer buffer, uint64_t bytes, uint64_t largest);
  Operand operand() const { return operand_; }
  /// Bytes from where the operand begins to there, where it covers that.
  uint64_t offset_of(Buffer buffer) const;

 private:
  Operand operand_;
};

/// What products have in common.
struct ProductInput {
  Tensor x;
  Then then = Then::kWrite;
  Activation activation = {};
};

class ProductBatch {
 public:
  /// `largest`: bytes that one operand may have.
  ProductBatch(const ProductInput& input, uint64_t largest) : input_(input), largest_(largest) {}

  /// Whether a product fits into one dispatch with those that are there; if so it is there, too.
  bool add(const Product& product);
  BlockType type() const { return products_.front().weight.type; }

  /// Puts the dispatch down. `grid`: the codebook, where the type needs it. `sum`, of the shape of out, has
  /// the products added to it; nowhere: nothing has.
  void record(Recorder& recorder, const Operand& grid, Tensor sum) const;

 private:
  struct Covers {
    Cover weights, out, biases, scales;
  };
  struct Shape;
  std::vector<uint32_t> table(const Shape& shape) const;

  ProductInput input_;
  uint64_t largest_;
  Covers covers_;
  std::vector<Product> products_;
};

/// Up to so many rows of x go through matrix_vector.wgsl, more through matrix_matrix.wgsl.
inline constexpr int64_t kFewRows = 8;

}  // namespace hearth::gpu
