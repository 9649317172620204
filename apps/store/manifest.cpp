#include "apps/store/manifest.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "apps/store/lower_case.h"

namespace hearth::store {
namespace {

std::string text_member(const nlohmann::ordered_json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::optional<uint64_t> size_member(const nlohmann::ordered_json& object) {
  const auto found = object.find("size");
  if (found == object.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<uint64_t>();
}

}  // namespace

std::optional<Manifest> parse_manifest(const nlohmann::ordered_json& json) {
  if (!json.is_object()) return std::nullopt;
  const auto size = size_member(json);
  const auto chunks = json.find("chunks");
  if (!size || chunks == json.end() || !chunks->is_array()) return std::nullopt;
  Manifest manifest{text_member(json, "name"), *size, lower_case(text_member(json, "sha256")), {}};
  if (manifest.name.find_first_of("/\\") != std::string::npos) return std::nullopt;
  uint64_t rest = *size;
  for (const auto& entry : *chunks) {
    if (!entry.is_object()) return std::nullopt;
    const auto chunk_size = size_member(entry);
    Chunk chunk{text_member(entry, "url"), chunk_size.value_or(0), lower_case(text_member(entry, "sha256"))};
    if (!chunk_size || *chunk_size > rest || chunk.url.empty()) return std::nullopt;
    rest -= *chunk_size;
    manifest.chunks.push_back(std::move(chunk));
  }
  return rest == 0 ? std::optional(std::move(manifest)) : std::nullopt;
}

}  // namespace hearth::store
