#include "engine/model/families/nextn.h"

namespace hearth::families {

Result<void> leave_out_nextn(const Hyperparameters& keys, ModelSpec& spec) {
  HEARTH_ASSIGN(const auto count, keys.optional_count("nextn_predict_layers", spec.n_layer() - 1));
  spec.n_layer_nextn = count.value_or(0);
  spec.layers.erase(spec.layers.end() - spec.n_layer_nextn, spec.layers.end());
  return {};
}

}  // namespace hearth::families
