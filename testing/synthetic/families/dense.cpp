// Dense decoders.
#include "testing/synthetic/families/families.h"

namespace hearth {

std::vector<SyntheticShape> dense_shapes() { return {}; }

}  // namespace hearth
