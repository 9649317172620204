// A file as raw chunks below a size, and the manifest that says of which it consists: what browsers and
// Node.js load from hosts that limit the size of files.
//
//   { "name": "model.gguf", "version": 1, "size": 123, "sha256": "...",
//     "chunks": [{ "url": "model.gguf.000", "size": 45, "sha256": "..." }, ...] }
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "engine/base/result.h"

namespace hearth::store {

/// Bytes done so far and in the end; returning false cancels.
using ByteProgress = std::function<bool(uint64_t done, uint64_t total)>;

/// What was written, or read.
struct ChunkCount {
  uint64_t chunks;
  uint64_t bytes;
};

/// Writes `file` as chunks of `chunk_bytes` beside `manifest`, named as it is without ".json" and a number,
/// and last the manifest. Where it ends early, by an error or `progress` (ABORTED), it removes what it wrote.
Result<ChunkCount> write_chunks(const std::filesystem::path& file, const std::filesystem::path& manifest,
                                uint64_t chunk_bytes, const ByteProgress& progress);

/// Puts the chunks of `manifest`, which lie beside it, together to `file`. INVALID_ARGUMENT for what is no
/// manifest, INTEGRITY naming the chunk whose size or hash is another.
Result<ChunkCount> join_chunks(const std::filesystem::path& manifest, const std::filesystem::path& file,
                               const ByteProgress& progress);

}  // namespace hearth::store
