// A manifest says of which chunks a file consists, for hosts that limit the size of files:
//
//   { "name": "model.gguf", "size": 123, "sha256": "...",
//     "chunks": [{ "url": "model.gguf.000", "size": 45, "sha256": "..." }, ...] }
//
// `sha256` may be missing, of the whole and of chunks; chunks' URLs are relative to the manifest's.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace hearth::store {

struct Chunk {
  std::string url;
  uint64_t size = 0;
  std::string sha256;  // in lower case; "" where the manifest does not say
};

struct Manifest {
  std::string name;   // of the file, without a folder; "" where the manifest does not say
  uint64_t size = 0;  // in bytes; the chunks' sizes add up to it
  std::string sha256;
  std::vector<Chunk> chunks;
};

/// nullopt for what is none.
std::optional<Manifest> parse_manifest(const nlohmann::ordered_json& json);

}  // namespace hearth::store
