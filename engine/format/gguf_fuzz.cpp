// Fuzzes the GGUF reader: whatever the bytes, it answers with a header or an error, the same one for mapped
// and for read sources, and everything that it accepts can be read and written again.
#include <cstdlib>
#include <vector>

#include "engine/format/dequantize.h"
#include "engine/format/gguf.h"
#include "engine/format/gguf_writer.h"
#include "engine/format/model_file.h"

namespace hearth {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void touch_entry(const Gguf& gguf, const GgufEntry& entry) {
  require(gguf.find(entry.key) == &entry.value);
  (void)gguf.integer(entry.key);
  (void)gguf.number(entry.key);
  (void)gguf.boolean(entry.key);
  const auto text = gguf.string(entry.key);
  const auto array = gguf.array(entry.key);
  require(text.ok() == (entry.value.type == GgufType::kString));
  require(array.ok() == (entry.value.type == GgufType::kArray));
  if (!array.ok()) return;
  if ((*array)->type == GgufType::kString) {
    require((*array)->strings().size() == (*array)->count);
  } else {
    require((*array)->numbers<int32_t>().size() == (*array)->count);
    require((*array)->numbers<uint64_t>().size() == (*array)->count);
    require((*array)->numbers<float>().size() == (*array)->count);
  }
}

void touch_tensor(const Gguf& gguf, const GgufTensor& tensor, bool with_data) {
  require(gguf.find_tensor(tensor.name) == &tensor);
  require(tensor.bytes == bytes_of(tensor.type, tensor.columns()) * tensor.rows());
  if (!with_data) return;
  std::vector<std::byte> blocks(tensor.bytes);
  require(gguf.source().read(tensor.offset, blocks).ok());
  // A value of MXFP4 takes 17/32 of a byte, of IQ1_S 50/256: so this is at most some twenty times the file.
  std::vector<float> values(tensor.columns() * tensor.rows());
  dequantize(tensor.type, blocks, values);
}

void rewrite(const Gguf& gguf) {
  GgufWriter writer;
  for (const GgufEntry& entry : gguf.entries()) writer.add(entry.key, entry.value);
  for (const GgufTensor& tensor : gguf.tensors()) {
    writer.add_tensor(tensor.name, tensor.type, tensor.shape,
                      gguf.source().mapped().subspan(tensor.offset, tensor.bytes));
  }
  const auto written = writer.write_to_memory();
  require(written.ok());
  const auto reread = Gguf::parse(borrow_memory(*written));
  require(reread.ok() && reread->data_offset() == gguf.data_offset());
}

void check(std::span<const std::byte> bytes, bool require_data) {
  const auto source = borrow_memory(bytes);
  const auto mapped = Gguf::parse(source, require_data);
  const auto read = Gguf::parse(
      read_with([&](uint64_t offset, std::span<std::byte> into) { return source->read(offset, into).ok(); },
                bytes.size(), "memory"),
      require_data);
  require(mapped.ok() == read.ok());
  if (!mapped.ok()) {
    require(mapped.error().message == read.error().message);
    return;
  }
  for (const GgufEntry& entry : mapped->entries()) touch_entry(*mapped, entry);
  for (const GgufEntry& entry : read->entries()) touch_entry(*read, entry);
  for (const GgufTensor& tensor : mapped->tensors()) touch_tensor(*mapped, tensor, require_data);
  if (require_data) {
    rewrite(*mapped);
    (void)ModelFile::open({source});
  }
}

}  // namespace
}  // namespace hearth

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  hearth::check(bytes, false);
  hearth::check(bytes, true);
  return 0;
}
