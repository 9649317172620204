// How freely a token is drawn.
#pragma once

#include "engine/sampling/candidates.h"

namespace hearth {

/// logit / temperature. With a range, the temperature goes by how sure the model is (kalomaze 2023, "dynamic
/// temperature"): with H the entropy of what is left, over the entropy ln n if all n were as likely,
///   least + (most - least) * H^exponent, where least = max(0, temperature - range), most = temperature +
///   range.
void apply_temperature(Candidates& left, float temperature, float range, float exponent);

}  // namespace hearth
