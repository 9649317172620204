// Families with latent attention.
#include "testing/synthetic/families/families.h"

namespace hearth {

std::vector<SyntheticShape> latent_attention_shapes() { return {}; }

}  // namespace hearth
