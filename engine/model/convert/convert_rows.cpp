#include "engine/model/convert/convert_rows.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "engine/format/dequantize.h"
#include "engine/format/quantize.h"

namespace hearth {
namespace {

// Of a task of one thread: enough that starting it takes no time beside it.
constexpr uint64_t kTaskElements = 16384;

class RowConverter {
 public:
  RowConverter(TensorPlace place, BlockType type, std::span<const float> importance)
      : source_(*place.tensor), file_(*place.part), type_(type), importance_(importance) {}

  // `rows` are those from row `first` on.
  Result<void> convert(uint64_t first, std::span<std::byte> rows) const {
    const uint64_t row_bytes = bytes_of(type_, source_.columns());
    const uint64_t count = rows.size() / row_bytes * source_.columns();
    std::vector<std::byte> blocks(bytes_of(source_.type, count));
    HEARTH_TRY(
        file_.source().read(source_.offset + bytes_of(source_.type, first * source_.columns()), blocks));
    std::vector<float> values(count);
    dequantize(source_.type, blocks, values);
    // Rows of one matrix share their importance.
    const uint64_t rows_of_matrix = source_.shape.size() > 1 ? source_.shape[1] : 1;
    for (uint64_t done = 0; done < rows.size() / row_bytes;) {
      const uint64_t row = first + done;
      const uint64_t together =
          std::min(rows_of_matrix - row % rows_of_matrix, rows.size() / row_bytes - done);
      HEARTH_TRY(quantize_closely(
          type_, std::span(values).subspan(done * source_.columns(), together * source_.columns()),
          importance_of(row / rows_of_matrix), rows.subspan(done * row_bytes, together * row_bytes)));
      done += together;
    }
    return {};
  }

 private:
  std::span<const float> importance_of(uint64_t matrix) const {
    return importance_.empty() ? importance_
                               : importance_.subspan(matrix * source_.columns(), source_.columns());
  }

  const GgufTensor& source_;
  const Gguf& file_;
  BlockType type_;
  std::span<const float> importance_;
};

}  // namespace

GgufWriter::Fill converted_rows(TensorPlace place, BlockType type, std::span<const float> importance,
                                std::shared_ptr<ThreadPool> threads) {
  if (type == place.tensor->type) {
    return [place](uint64_t offset, std::span<std::byte> into) {
      return place.part->source().read(place.tensor->offset + offset, into);
    };
  }
  const RowConverter converter(place, type, importance);
  const uint64_t columns = place.tensor->columns();
  return [converter, type, columns, threads = std::move(threads)](uint64_t offset,
                                                                  std::span<std::byte> into) -> Result<void> {
    const uint64_t row_bytes = bytes_of(type, columns);
    const uint64_t rows = into.size() / row_bytes;
    const uint64_t rows_per_task = std::max<uint64_t>(1, kTaskElements / columns);
    std::mutex mutex;
    std::optional<Error> error;  // of the first task that failed, whichever threads there are
    uint64_t failed = rows;
    threads->run(static_cast<int64_t>((rows + rows_per_task - 1) / rows_per_task),
                 [&](int64_t task, int /*thread*/) {
                   const uint64_t first = static_cast<uint64_t>(task) * rows_per_task;
                   const uint64_t count = std::min(rows_per_task, rows - first);
                   auto done = converter.convert(offset / row_bytes + first,
                                                 into.subspan(first * row_bytes, count * row_bytes));
                   if (done.ok()) return;
                   const std::lock_guard lock(mutex);
                   if (first >= failed) return;
                   failed = first;
                   error = std::move(done).error();
                 });
    if (error) return *std::move(error);
    return {};
  };
}

}  // namespace hearth
