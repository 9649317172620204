// Convolutions, linear attention and delta rules.
#include "testing/synthetic/families/families.h"

namespace hearth {

std::vector<SyntheticShape> linear_attention_shapes() { return {}; }

}  // namespace hearth
