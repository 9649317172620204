#include "apps/bundle/tar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "engine/base/atomic_file.h"
#include "engine/base/byte_source.h"

namespace hearth::bundle {
namespace {

constexpr size_t kBlock = 512;
constexpr uint64_t kPieceBytes = uint64_t{4} << 20;
constexpr uint64_t kLargestFile = (uint64_t{1} << 33) - 1;  // 11 octal digits

using Header = std::array<char, kBlock>;

void put_field(Header& header, size_t at, std::string_view text) {
  std::copy(text.begin(), text.end(), header.begin() + static_cast<ptrdiff_t>(at));
}

/// Owner, group and time are 0 for everybody.
Header header_of(const std::string& name, uint64_t size) {
  Header header{};
  put_field(header, 0, name);
  put_field(header, 100, "0000644");
  put_field(header, 108, "0000000");
  put_field(header, 116, "0000000");
  put_field(header, 124, fmt::format("{:011o}", size));
  put_field(header, 136, "00000000000");
  put_field(header, 148, "        ");  // the sum counts as spaces in itself
  put_field(header, 156, "0");
  put_field(header, 257, std::string_view("ustar\00000", 8));
  const unsigned sum = std::accumulate(header.begin(), header.end(), 0U, [](unsigned total, char byte) {
    return total + static_cast<unsigned char>(byte);
  });
  put_field(header, 148, fmt::format("{:06o}", sum));
  header[154] = '\0';
  return header;
}

Result<std::map<std::string, std::shared_ptr<const ByteSource>>> sources_below(
    const std::filesystem::path& folder) {
  std::map<std::string, std::shared_ptr<const ByteSource>> sources;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const std::string name = entry.path().lexically_relative(folder).generic_string();
    HEARTH_ASSIGN(auto source, map_file(entry.path()));
    if (name.size() > 100 || source->size() > kLargestFile) {
      return Error{
          ErrorCode::kUnsupported,
          fmt::format("{}: a tar file holds paths of at most 100 bytes and files below 8 GiB: use shorter "
                      "names or smaller chunks, or leave out --tar",
                      name)};
    }
    sources.emplace(name, std::move(source));
  }
  return sources;
}

}  // namespace

Result<void> write_tar(const std::filesystem::path& folder, const std::filesystem::path& file,
                       const std::function<bool(uint64_t done, uint64_t total)>& progress) {
  HEARTH_ASSIGN(const auto sources, sources_below(folder));
  uint64_t total = 0;
  for (const auto& [name, source] : sources) total += source->size();
  HEARTH_ASSIGN(AtomicFile tar, AtomicFile::create(file));
  uint64_t done = 0;
  std::vector<std::byte> piece;
  for (const auto& [name, source] : sources) {
    const Header header = header_of(name, source->size());
    HEARTH_TRY(tar.append(std::as_bytes(std::span(header))));
    for (uint64_t at = 0; at < source->size(); at += piece.size()) {
      piece.resize(std::min(kPieceBytes, source->size() - at));
      HEARTH_TRY(source->read(at, piece));
      HEARTH_TRY(tar.append(piece));
      done += piece.size();
      if (!progress(done, total))
        return Error{ErrorCode::kAborted, "cancelled while the tar file was written"};
    }
    const std::vector<std::byte> padding((kBlock - source->size() % kBlock) % kBlock);
    HEARTH_TRY(tar.append(padding));
  }
  const std::array<std::byte, 2 * kBlock> end{};
  HEARTH_TRY(tar.append(end));
  return tar.commit();
}

}  // namespace hearth::bundle
