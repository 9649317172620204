#include "engine/model/rope_table.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace hearth {
namespace {

/// The (fractional) pair index whose frequency makes `turns` full turns within the original context:
/// solves original_context * theta_base^(-2i/d) = 2 pi turns for i. (Peng et al. 2023,
/// "find_correction_dim".)
float pair_making_turns(const RopeSpec& spec, float turns) {
  const auto d = static_cast<float>(spec.dimensions);
  const auto context = static_cast<float>(spec.original_context);
  return d * std::log(context / (turns * 2.0F * std::numbers::pi_v<float>)) /
         (2.0F * std::log(spec.theta_base));
}

/// Whether a pair is of the fourth section, whose position is 0 in texts.
bool stands_still(const RopeSpec& spec, size_t pair) {
  const auto& [time, height, width, fourth] = spec.sections;
  if (fourth == 0) return false;
  const auto place = static_cast<int32_t>(pair % static_cast<size_t>(time + height + width + fourth));
  if (!spec.sections_alternate) return place >= time + height + width;
  return place >= 3 * spec.sections[static_cast<size_t>(place % 3)];
}

}  // namespace

float yarn_magnitude(float factor, float multiplier) {
  return factor <= 1.0F ? 1.0F : 0.1F * multiplier * std::log(factor) + 1.0F;
}

RopeTable make_rope_table(const RopeSpec& spec, std::span<const float> factors) {
  RopeTable table;
  table.pairs = spec.pairs;
  table.magnitude = spec.attention_factor;
  table.frequencies.resize(static_cast<size_t>(spec.dimensions) / 2);

  // YaRN: pairs that turn fast enough keep their frequency (they resolve neighbours), slow ones are scaled
  // (they would leave the range of angles seen in training), and a linear ramp joins the two.
  float ramp_begin = 0.0F;
  float ramp_end = 0.0F;
  if (spec.yarn) {
    ramp_begin = std::max(0.0F, std::floor(pair_making_turns(spec, spec.yarn_beta_fast)));
    ramp_end = std::min(static_cast<float>(spec.dimensions - 1),
                        std::ceil(pair_making_turns(spec, spec.yarn_beta_slow)));
    const float factor = 1.0F / spec.frequency_scale;
    table.magnitude *= yarn_magnitude(factor, 1.0F) / yarn_magnitude(factor, spec.yarn_log_multiplier);
  }
  for (size_t i = 0; i < table.frequencies.size(); ++i) {
    if (stands_still(spec, i)) continue;
    const double exponent = -2.0 * static_cast<double>(i) / spec.dimensions;
    double frequency = std::pow(static_cast<double>(spec.theta_base), exponent);
    if (!factors.empty()) frequency /= factors[i];
    double unscaled_share = 0.0;
    if (spec.yarn) {
      const float along = (static_cast<float>(i) - ramp_begin) / std::max(0.001F, ramp_end - ramp_begin);
      unscaled_share = (1.0 - std::clamp(along, 0.0F, 1.0F)) * spec.yarn_extrapolation;
    }
    const double scaled = frequency * spec.frequency_scale;
    table.frequencies[i] = static_cast<float>(scaled * (1.0 - unscaled_share) + frequency * unscaled_share);
  }
  return table;
}

void RopeFactors::tensors(TensorVisitor& visit, const RopeSpec& spec) {
  const int64_t pairs = spec.dimensions / 2;
  if (pairs == 0) return;
  const auto factors = [&](std::string_view name, std::vector<float>& values) {
    visit.optional_floats(name, pairs, values);
    if (!std::all_of(values.begin(), values.end(), [](float factor) { return factor > 0.0F; })) {
      visit.refuse(name, "a rope factor is not above 0");
    }
  };
  factors("rope_freqs.weight", always);
  factors("rope_factors_long.weight", for_long);
  factors("rope_factors_short.weight", for_short);
}

std::span<const float> RopeFactors::of(const RopeSpec& spec, int64_t context_size) const {
  if (!spec.uses_factors) return {};
  const std::vector<float>& longrope = context_size > spec.original_context ? for_long : for_short;
  return longrope.empty() ? always : longrope;
}

Rope RopeTables::of(const RopeSpec& spec) {
  for (const auto& [known, table] : tables_) {
    if (known == spec) return table.view();
  }
  tables_.emplace_back(spec, make_rope_table(spec, factors_.of(spec, context_size_)));
  return tables_.back().second.view();
}

}  // namespace hearth
