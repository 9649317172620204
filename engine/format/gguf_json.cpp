#include "engine/format/gguf_json.h"

#include <algorithm>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

namespace hearth {
namespace {

using nlohmann::ordered_json;

ordered_json first_elements(const GgufArray& array, uint64_t most) {
  const GgufArray first{array.type, std::min(array.count, most), array.bytes};
  switch (array.type) {
    case GgufType::kString: {
      const auto strings = first.strings();
      return ordered_json(std::vector<std::string>(strings.begin(), strings.end()));
    }
    case GgufType::kFloat32:
    case GgufType::kFloat64:
      return first.numbers<double>();
    case GgufType::kUint64:
      return first.numbers<uint64_t>();
    default:
      return first.numbers<int64_t>();
  }
}

}  // namespace

ordered_json to_json(const GgufValue& value, uint64_t most_elements) {
  return std::visit(
      [&](const auto& held) -> ordered_json {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, GgufArray>) {
          return {{"arrayOf", gguf_type_name(held.type)},
                  {"count", held.count},
                  {"first", first_elements(held, most_elements)}};
        } else {
          return held;
        }
      },
      value.value);
}

ordered_json metadata_json(const Gguf& gguf, uint64_t most_elements) {
  ordered_json metadata = ordered_json::object();
  for (const GgufEntry& entry : gguf.entries()) {
    metadata[std::string(entry.key)] = to_json(entry.value, most_elements);
  }
  return metadata;
}

}  // namespace hearth
