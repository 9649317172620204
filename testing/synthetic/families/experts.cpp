// Mixtures of experts.
#include "testing/synthetic/families/families.h"

namespace hearth {

std::vector<SyntheticShape> expert_shapes() { return {}; }

}  // namespace hearth
