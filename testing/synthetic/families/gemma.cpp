// Gemma's later generations.
#include "testing/synthetic/families/families.h"

namespace hearth {

std::vector<SyntheticShape> gemma_shapes() { return {}; }

}  // namespace hearth
