#include "engine/model/hugging_face/rope.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

namespace hearth {
namespace {

void add_factors(GgufWriter& writer, std::string_view name, std::vector<float> factors) {
  const std::vector<uint64_t> size = {factors.size()};
  writer.add_tensor(name, BlockType::kF32, size,
                    [kept = std::move(factors)](uint64_t offset, std::span<std::byte> into) -> Result<void> {
                      std::ranges::copy(std::as_bytes(std::span(kept)).subspan(offset, into.size()),
                                        into.begin());
                      return {};
                    });
}

// Llama 3 slows the turns of long waves, and leaves those of short ones.
Result<std::vector<float>> llama3_factors(const JsonFile& scaling, uint32_t dimensions, float theta) {
  HEARTH_ASSIGN(const float factor, scaling.number("factor"));
  HEARTH_ASSIGN(const float low, scaling.number("low_freq_factor", 1.0F));
  HEARTH_ASSIGN(const float high, scaling.number("high_freq_factor", 4.0F));
  HEARTH_ASSIGN(const float original, scaling.number("original_max_position_embeddings", 8192.0F));
  if (!(factor > 0.0F) || !(low > 0.0F) || !(high > low) || !(original > 0.0F)) {
    return scaling.fault("has factors that cannot be");
  }
  std::vector<float> factors;
  for (uint32_t i = 0; i < dimensions / 2; ++i) {
    const double turn = std::pow(double{theta}, -2.0 * i / dimensions);
    const double wave = 2.0 * std::numbers::pi / turn;
    const double smooth = (original / wave - low) / (high - low);
    if (wave < original / high) {
      factors.push_back(1.0F);
    } else if (wave > original / low) {
      factors.push_back(factor);
    } else {
      factors.push_back(static_cast<float>(1.0 / ((1.0 - smooth) / factor + smooth)));
    }
  }
  return factors;
}

// Phi 3 has two lists, for contexts up to the original length and beyond, and scales scores by how much
// longer contexts have become.
Result<void> add_longrope(const ConfigKeys& keys, const JsonFile& scaling, const FolderShape& shape,
                          uint32_t dimensions) {
  HEARTH_ASSIGN(const uint32_t fallback,
                scaling.integer("original_max_position_embeddings", shape.context_length));
  HEARTH_ASSIGN(const uint32_t original, keys.config().integer("original_max_position_embeddings", fallback));
  if (original < 2) return keys.config().fault("key 'original_max_position_embeddings' is below 2");
  const double extension = static_cast<double>(shape.context_length) / original;
  const double factor = extension > 1.0 ? std::sqrt(1.0 + std::log(extension) / std::log(original)) : 1.0;
  keys.add("rope.scaling.original_context_length", original);
  keys.add("rope.scaling.attn_factor", static_cast<float>(factor));
  for (const std::string which : {"long", "short"}) {
    HEARTH_ASSIGN(auto factors, scaling.numbers(which + "_factor"));
    if (factors.size() != dimensions / 2) {
      return scaling.fault(fmt::format("key '{}_factor' has {} numbers for {} dimensions that turn in pairs",
                                       which, factors.size(), dimensions));
    }
    add_factors(keys.writer(), fmt::format("rope_factors_{}.weight", which), std::move(factors));
  }
  return {};
}

Result<void> add_scaling(const ConfigKeys& keys, const JsonFile& scaling, const FolderShape& shape,
                         uint32_t dimensions, float theta) {
  HEARTH_ASSIGN(std::string type, scaling.string("rope_type"));
  if (type.empty()) {
    HEARTH_ASSIGN(type, scaling.string("type"));
  }
  const bool is_none = type.empty() && scaling.find("factor") == nullptr;
  if (is_none || type == "default") return {};
  if (type == "llama3") {
    HEARTH_ASSIGN(auto factors, llama3_factors(scaling, dimensions, theta));
    add_factors(keys.writer(), "rope_freqs.weight", std::move(factors));
    return {};
  }
  if (type == "longrope" || type == "su") return add_longrope(keys, scaling, shape, dimensions);
  if (type != "linear" && type != "yarn") {
    return Error{ErrorCode::kUnsupportedModel,
                 fmt::format("{}: is of the type '{}'; there are linear, yarn, llama3 and longrope",
                             scaling.name(), type)};
  }
  HEARTH_ASSIGN(const float factor, scaling.number("factor"));
  keys.add("rope.scaling.type", std::string_view(type));
  keys.add("rope.scaling.factor", factor);
  if (type == "linear") return {};
  HEARTH_ASSIGN(const uint32_t original, scaling.integer("original_max_position_embeddings"));
  keys.add("rope.scaling.original_context_length", original);
  return {};
}

}  // namespace

Result<void> add_rope(const ConfigKeys& keys, const FolderShape& shape, const RopeDefaults& defaults) {
  // Newer files have all of it in one object, or in one for each kind of layer.
  const bool is_new = keys.config().find("rope_scaling") == nullptr;
  JsonFile scaling = JsonFile::member(keys.config(), is_new ? "rope_parameters" : "rope_scaling");
  if (scaling.find("full_attention") != nullptr) scaling = JsonFile::member(scaling, "full_attention");
  const auto number = [&](const char* key, float fallback) -> Result<float> {
    HEARTH_ASSIGN(const float own, scaling.number(key, fallback));
    return keys.config().number(key, own);
  };
  HEARTH_ASSIGN(const float theta, number("rope_theta", defaults.theta));
  HEARTH_ASSIGN(const float part, number("partial_rotary_factor", defaults.part));
  if (!(part > 0.0F) || part > 1.0F) {
    return keys.config().fault("key 'partial_rotary_factor' is not above 0 and at most 1");
  }
  const auto dimensions = static_cast<uint32_t>(std::lround(part * static_cast<float>(shape.head_dimension)));
  keys.add("rope.dimension_count", dimensions);
  keys.add("rope.freq_base", theta);
  return add_scaling(keys, scaling, shape, dimensions, theta);
}

}  // namespace hearth
