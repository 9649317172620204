#include "engine/format/importance.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>

#include "engine/format/gguf.h"
#include "engine/format/quoted.h"

namespace hearth {
namespace {

constexpr std::string_view kSquares = ".in_sum2";
constexpr std::string_view kCounts = ".counts";
constexpr float kLeastImportance = 1e-4F;  // of the mean

Error damaged(const ByteSource& source, std::string_view what) {
  return {ErrorCode::kInvalidModel, fmt::format("{}: {}", source.name(), what)};
}

Result<std::vector<float>> floats_of(const Gguf& file, const GgufTensor& tensor) {
  if (tensor.type != BlockType::kF32) {
    return damaged(file.source(), fmt::format("tensor {} is {}; an importance matrix has F32",
                                              quoted(tensor.name), block_layout(tensor.type).name));
  }
  std::vector<float> values(tensor.columns() * tensor.rows());
  HEARTH_TRY(file.source().read(tensor.offset, std::as_writable_bytes(std::span(values))));
  return values;
}

Result<void> check_sums(const ByteSource& source, std::string_view weight, const ColumnSums& sums) {
  const auto sound = [](float value) { return std::isfinite(value) && value >= 0.0F; };
  if (sums.counts.empty() || sums.squares.empty() || sums.squares.size() % sums.counts.size() != 0) {
    return damaged(source, fmt::format("the importance of {} has {} sums for {} matrices", quoted(weight),
                                       sums.squares.size(), sums.counts.size()));
  }
  if (!std::all_of(sums.squares.begin(), sums.squares.end(), sound) ||
      !std::all_of(sums.counts.begin(), sums.counts.end(), sound)) {
    return damaged(
        source,
        fmt::format("the importance of {} has a sum or count that is negative or infinite: the text was "
                    "read with a damaged model",
                    quoted(weight)));
  }
  return {};
}

Result<ImportanceMatrix> read_gguf(std::shared_ptr<const ByteSource> source) {
  HEARTH_ASSIGN(const Gguf file, Gguf::parse(std::move(source)));
  HEARTH_ASSIGN(const auto type, file.string("general.type"));
  if (type.value_or("") != "imatrix") {
    return damaged(file.source(), fmt::format("key 'general.type' is {}; an importance matrix has 'imatrix'",
                                              quoted(type.value_or("missing"))));
  }
  ImportanceMatrix matrix;
  for (const GgufTensor& tensor : file.tensors()) {
    if (!tensor.name.ends_with(kSquares)) continue;
    const std::string weight(tensor.name.substr(0, tensor.name.size() - kSquares.size()));
    const GgufTensor* counts = file.find_tensor(weight + std::string(kCounts));
    if (counts == nullptr) {
      return damaged(file.source(),
                     fmt::format("tensor {} has no {}{} beside it", quoted(tensor.name), weight, kCounts));
    }
    ColumnSums sums;
    HEARTH_ASSIGN(sums.squares, floats_of(file, tensor));
    HEARTH_ASSIGN(sums.counts, floats_of(file, *counts));
    HEARTH_TRY(check_sums(file.source(), weight, sums));
    matrix.add(weight, std::move(sums));
  }
  return matrix;
}

// The older files: a count of weights; of each the length of its name, the name, how often it was used, how
// many values it has, and these: means times that count.
class OldReader {
 public:
  explicit OldReader(const ByteSource& source) : source_(source) {}

  Result<ImportanceMatrix> read() {
    HEARTH_ASSIGN(const uint32_t count, number("the count of weights"));
    ImportanceMatrix matrix;
    for (uint32_t i = 0; i < count; ++i) {
      HEARTH_ASSIGN(const uint32_t length, number("the length of a name"));
      std::string weight;
      HEARTH_TRY(take(length, "a name", weight));
      HEARTH_ASSIGN(const uint32_t uses, number("a count"));
      HEARTH_ASSIGN(const uint32_t values, number("the count of values"));
      ColumnSums sums;
      HEARTH_TRY(take(values, "values", sums.squares));
      sums.counts = {static_cast<float>(std::max(uses, 1U))};
      HEARTH_TRY(check_sums(source_, weight, sums));
      matrix.add(std::move(weight), std::move(sums));
    }
    return matrix;
  }

 private:
  Result<uint32_t> number(std::string_view what) {
    std::vector<uint32_t> one;
    HEARTH_TRY(take(1, what, one));
    return one.front();
  }

  template <typename Values>
  Result<void> take(uint64_t count, std::string_view what, Values& values) {
    const uint64_t bytes = count * sizeof(values[0]);
    if (bytes > source_.size() - at_) {
      return damaged(source_,
                     fmt::format("is no importance matrix: the file ends before {} at byte {}", what, at_));
    }
    values.resize(count);
    HEARTH_TRY(source_.read(at_, std::as_writable_bytes(std::span(values))));
    at_ += bytes;
    return {};
  }

  const ByteSource& source_;
  uint64_t at_ = 0;
};

// Each matrix's mean squares, in units of their mean. Of a matrix that was never used (an expert) nothing is
// known.
std::vector<float> relative_means(const ColumnSums& sums) {
  std::vector<float> means = sums.squares;
  const size_t columns = sums.squares.size() / sums.counts.size();
  for (size_t matrix = 0; matrix < sums.counts.size(); ++matrix) {
    const std::span<float> of_matrix = std::span(means).subspan(matrix * columns, columns);
    double total = 0;
    for (const float value : of_matrix) total += value;
    const double mean = total / static_cast<double>(columns);
    for (float& value : of_matrix) {
      const bool known = sums.counts[matrix] > 0.0F && mean > 0;
      value = known ? std::max(static_cast<float>(value / mean), kLeastImportance) : 1.0F;
    }
  }
  return means;
}

}  // namespace

void add_importance(const std::map<std::string, ColumnSums>& sums, const ImportanceOrigin& origin,
                    GgufWriter& writer) {
  writer.add_string("general.type", "imatrix");
  writer.add_strings("imatrix.datasets", origin.texts);
  writer.add_uint32("imatrix.chunk_count", origin.chunks);
  writer.add_uint32("imatrix.chunk_size", origin.chunk_tokens);
  for (const auto& [weight, of_weight] : sums) {
    const uint64_t matrices = of_weight.counts.size();
    writer.add_tensor(weight + std::string(kSquares), BlockType::kF32,
                      {of_weight.squares.size() / matrices, matrices},
                      std::as_bytes(std::span(of_weight.squares)));
    writer.add_tensor(weight + std::string(kCounts), BlockType::kF32, {1, matrices},
                      std::as_bytes(std::span(of_weight.counts)));
  }
}

Result<ImportanceMatrix> ImportanceMatrix::read(std::shared_ptr<const ByteSource> source) {
  std::array<char, 4> magic{};
  if (source->size() >= magic.size()) {
    HEARTH_TRY(source->read(0, std::as_writable_bytes(std::span(magic))));
    if (std::string_view(magic.data(), magic.size()) == "GGUF") return read_gguf(std::move(source));
  }
  return OldReader(*source).read();
}

std::span<const float> ImportanceMatrix::columns_of(std::string_view weight) const {
  const auto found = means_.find(weight);
  return found == means_.end() ? std::span<const float>() : found->second;
}

void ImportanceMatrix::add(std::string weight, ColumnSums sums) {
  means_[std::move(weight)] = relative_means(sums);
}

}  // namespace hearth
