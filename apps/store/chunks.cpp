#include "apps/store/chunks.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "apps/store/manifest.h"
#include "apps/store/sha256.h"
#include "engine/base/atomic_file.h"
#include "engine/base/byte_source.h"
#include "engine/text/json_text.h"

namespace hearth::store {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kCopiedBytes = uint64_t{4} << 20;

// Reads a source piece by piece, and tells how far it is.
class Copier {
 public:
  Copier(uint64_t total, const ByteProgress& progress) : total_(total), progress_(progress) {}

  // Appends `bytes` bytes of `source` from `offset` on to `file`, and to both hashes.
  Result<void> copy(const ByteSource& source, uint64_t offset, uint64_t bytes, AtomicFile& file,
                    Sha256& of_chunk) {
    for (uint64_t at = 0; at < bytes; at += piece_.size()) {
      piece_.resize(std::min(kCopiedBytes, bytes - at));
      HEARTH_TRY(source.read(offset + at, piece_));
      of_chunk.add(piece_);
      whole_.add(piece_);
      HEARTH_TRY(file.append(piece_));
      done_ += piece_.size();
      if (progress_ && !progress_(done_, total_)) {
        return Error{ErrorCode::kAborted, fmt::format("cancelled after {} of {} bytes", done_, total_)};
      }
    }
    return {};
  }

  std::string hash_of_whole() { return whole_.take(); }

 private:
  uint64_t total_;
  const ByteProgress& progress_;
  uint64_t done_ = 0;
  Sha256 whole_;
  std::vector<std::byte> piece_;
};

// Files that go unless they are kept.
class Unfinished {
 public:
  Unfinished() = default;
  ~Unfinished() {
    std::error_code ignored;
    for (const fs::path& path : paths_) fs::remove(path, ignored);
  }
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  void add(fs::path path) { paths_.push_back(std::move(path)); }
  void keep() { paths_.clear(); }

 private:
  std::vector<fs::path> paths_;
};

Result<void> write_text(const fs::path& path, const std::string& text) {
  HEARTH_ASSIGN(AtomicFile file, AtomicFile::create(path));
  HEARTH_TRY(file.append(std::as_bytes(std::span(text))));
  return file.commit();
}

Result<nlohmann::ordered_json> read_json(const fs::path& path) {
  HEARTH_ASSIGN(const auto source, map_file(path));
  std::string text(source->size(), '\0');
  HEARTH_TRY(source->read(0, std::as_writable_bytes(std::span(text))));
  return parse_json(text, path.string());
}

// nullopt for what is none. A chunk's name is that of a file beside the manifest.
std::optional<Manifest> parse_local_manifest(const nlohmann::ordered_json& json) {
  auto manifest = parse_manifest(json);
  const auto leads_away = [](const Chunk& chunk) { return chunk.url.find('/') != std::string::npos; };
  if (!manifest || std::any_of(manifest->chunks.begin(), manifest->chunks.end(), leads_away))
    return std::nullopt;
  return manifest;
}

Result<void> check_hash(const fs::path& file, const std::string& expected, const std::string& found) {
  if (expected.empty() || expected == found) return {};
  return Error{ErrorCode::kIntegrity,
               fmt::format("{}: its SHA-256 is {}, and the manifest says {}: fetch it again", file.string(),
                           found, expected)};
}

}  // namespace

Result<ChunkCount> write_chunks(const fs::path& file, const fs::path& manifest, uint64_t chunk_bytes,
                                const ByteProgress& progress) {
  if (manifest.filename().string().find_first_of("#?%") != std::string::npos) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{}: chunks are named after it in URLs, where '#', '?' and '%' are no part of a "
                             "name; choose another",
                             manifest.string())};
  }
  HEARTH_ASSIGN(const auto source, map_file(file));
  const fs::path stem = fs::path(manifest).replace_extension();
  Copier copier(source->size(), progress);
  Unfinished written;
  nlohmann::ordered_json chunks = nlohmann::ordered_json::array();
  for (uint64_t offset = 0; offset < source->size(); offset += chunk_bytes) {
    const uint64_t bytes = std::min(chunk_bytes, source->size() - offset);
    fs::path path = stem;
    path += fmt::format(".{:03}", chunks.size());
    Sha256 hash;
    HEARTH_ASSIGN(AtomicFile chunk, AtomicFile::create(path));
    HEARTH_TRY(copier.copy(*source, offset, bytes, chunk, hash));
    HEARTH_TRY(chunk.commit());
    written.add(path);
    chunks.push_back({{"url", path.filename().string()}, {"size", bytes}, {"sha256", hash.take()}});
  }
  const uint64_t count = chunks.size();
  const nlohmann::ordered_json json = {{"name", file.filename().string()},
                                       {"version", 1},
                                       {"size", source->size()},
                                       {"sha256", copier.hash_of_whole()},
                                       {"chunks", std::move(chunks)}};
  HEARTH_TRY(write_text(manifest, json.dump(2) + "\n"));
  written.keep();
  return ChunkCount{count, source->size()};
}

Result<ChunkCount> join_chunks(const fs::path& manifest, const fs::path& file, const ByteProgress& progress) {
  HEARTH_ASSIGN(const auto json, read_json(manifest));
  const auto parsed = parse_local_manifest(json);
  if (!parsed) {
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("{}: no manifest: expected {{ name, size, chunks: [{{ url, size }}] }} of files beside "
                    "it, in which the sizes add up",
                    manifest.string())};
  }
  HEARTH_ASSIGN(AtomicFile whole, AtomicFile::create(file));
  Copier copier(parsed->size, progress);
  for (const Chunk& chunk : parsed->chunks) {
    const fs::path path = manifest.parent_path() / chunk.url;
    HEARTH_ASSIGN(const auto source, map_file(path));
    if (source->size() != chunk.size) {
      return Error{ErrorCode::kIntegrity,
                   fmt::format("{}: has {} bytes, and the manifest says {}: fetch it again", path.string(),
                               source->size(), chunk.size)};
    }
    Sha256 hash;
    HEARTH_TRY(copier.copy(*source, 0, chunk.size, whole, hash));
    HEARTH_TRY(check_hash(path, chunk.sha256, hash.take()));
  }
  HEARTH_TRY(check_hash(manifest, parsed->sha256, copier.hash_of_whole()));
  HEARTH_TRY(whole.commit());
  return ChunkCount{parsed->chunks.size(), parsed->size};
}

}  // namespace hearth::store
