// Cuts every file of the reference data short at 40 places: the reader must answer each time, and accept
// only what is all there.
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/base/testdata.h"
#include "engine/format/gguf.h"

namespace hearth {
namespace {

constexpr uint64_t kCuts = 40;

// Half of the cuts in the first part of the file, where the header is, half over all of it.
std::vector<uint64_t> cuts_of(uint64_t header, uint64_t size) {
  std::vector<uint64_t> cuts;
  for (uint64_t i = 0; i < kCuts / 2; ++i) {
    cuts.push_back(header * i / (kCuts / 2));
    cuts.push_back(size * i / (kCuts / 2));
  }
  return cuts;
}

void expect_all_there(const Gguf& gguf, uint64_t size, const std::string& where) {
  EXPECT_LE(gguf.data_offset(), size) << where;
  const bool header_alone = size == gguf.data_offset();
  for (const GgufTensor& tensor : gguf.tensors()) {
    EXPECT_TRUE(header_alone || tensor.offset + tensor.bytes <= size) << where << ' ' << tensor.name;
  }
}

void cut_short(const std::filesystem::path& path) {
  const auto source = map_file(path);
  ASSERT_TRUE(source.ok()) << source.error().message;
  const auto bytes = (*source)->mapped();
  const auto whole = Gguf::parse(*source, false);
  const uint64_t header = whole.ok() ? whole->data_offset() : bytes.size();
  for (const uint64_t cut : cuts_of(header, bytes.size())) {
    const std::string where = path.filename().string() + " cut at " + std::to_string(cut);
    const auto gguf = Gguf::parse(borrow_memory(bytes.first(cut)), false);
    if (gguf.ok()) {
      expect_all_there(*gguf, cut, where);
    } else {
      EXPECT_FALSE(gguf.error().message.empty()) << where;
    }
    EXPECT_FALSE(whole.ok() && gguf.ok() && cut < header) << where;
  }
}

TEST(GgufTruncation, IsNoticedWhereverTheFileIsCut) {
  HEARTH_REQUIRE_TESTDATA();
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(testing::testdata())) {
    if (entry.path().extension() != ".gguf") continue;
    cut_short(entry.path());
    ++files;
  }
  EXPECT_GE(files, 28);
}

}  // namespace
}  // namespace hearth
