// GgufWriter::as_source: a file that is made where it is read.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/format/gguf_writer.h"
#include "engine/format/quoted.h"

namespace hearth {
namespace {

struct MadeTensor {
  std::string name;
  uint64_t offset;  // in the file
  uint64_t bytes;
  uint64_t row_bytes;
  GgufWriter::Fill fill;
};

class MadeFile final : public ByteSource {
 public:
  MadeFile(std::string name, std::vector<std::byte> header, std::vector<MadeTensor> tensors)
      : name_(std::move(name)), header_(std::move(header)), tensors_(std::move(tensors)) {}

  const std::string& name() const override { return name_; }
  uint64_t size() const override {
    return tensors_.empty() ? header_.size() : tensors_.back().offset + tensors_.back().bytes;
  }

  Result<void> read(uint64_t offset, std::span<std::byte> into) const override {
    if (offset > size() || into.size() > size() - offset) {
      return Error{ErrorCode::kIo,
                   fmt::format("{}: there are no {} bytes at byte {}", name_, into.size(), offset)};
    }
    std::fill(into.begin(), into.end(), std::byte{0});  // what lies between tensors
    if (offset < header_.size()) {
      std::memcpy(into.data(), header_.data() + offset,
                  std::min<uint64_t>(into.size(), header_.size() - offset));
    }
    const uint64_t end = offset + into.size();
    for (auto tensor = first_behind(offset); tensor != tensors_.end() && tensor->offset < end; ++tensor) {
      const uint64_t from = std::max(offset, tensor->offset);
      const uint64_t to = std::min(end, tensor->offset + tensor->bytes);
      if (from >= to) continue;
      HEARTH_TRY(make(*tensor, from - tensor->offset, into.subspan(from - offset, to - from)));
    }
    return {};
  }

 private:
  // The first tensor that ends behind `offset`.
  std::vector<MadeTensor>::const_iterator first_behind(uint64_t offset) const {
    return std::partition_point(tensors_.begin(), tensors_.end(), [&](const MadeTensor& tensor) {
      return tensor.offset + tensor.bytes <= offset;
    });
  }

  // Whole rows are made in place; of others, what is asked for is taken out of whole ones.
  Result<void> make(const MadeTensor& tensor, uint64_t offset, std::span<std::byte> into) const {
    const uint64_t skipped = offset % tensor.row_bytes;
    const uint64_t rows_bytes =
        (skipped + into.size() + tensor.row_bytes - 1) / tensor.row_bytes * tensor.row_bytes;
    if (rows_bytes == into.size()) return fill(tensor, offset, into);
    std::vector<std::byte> rows(rows_bytes);
    HEARTH_TRY(fill(tensor, offset - skipped, rows));
    std::memcpy(into.data(), rows.data() + skipped, into.size());
    return {};
  }

  Result<void> fill(const MadeTensor& tensor, uint64_t offset, std::span<std::byte> into) const {
    auto filled = tensor.fill(offset, into);
    if (filled.ok()) return filled;
    return Error{filled.error().code,
                 fmt::format("{}: tensor {}: {}", name_, quoted(std::string_view(tensor.name)),
                             filled.error().message)};
  }

  std::string name_;
  std::vector<std::byte> header_;
  std::vector<MadeTensor> tensors_;
};

}  // namespace

Result<std::shared_ptr<const ByteSource>> GgufWriter::as_source(std::string name) const {
  std::vector<std::byte> header = encode_header();
  HEARTH_ASSIGN(const Gguf checked, check_header(header, name));
  std::vector<MadeTensor> tensors;
  for (size_t i = 0; i < tensors_.size(); ++i) {
    const GgufTensor& tensor = checked.tensors()[i];
    tensors.push_back({tensors_[i].name, tensor.offset, tensor.bytes, bytes_of(tensor.type, tensor.columns()),
                       tensors_[i].fill});
  }
  return std::shared_ptr<const ByteSource>(
      std::make_shared<MadeFile>(std::move(name), std::move(header), std::move(tensors)));
}

}  // namespace hearth
