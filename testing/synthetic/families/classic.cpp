// Older and smaller families.
#include "testing/synthetic/families/families.h"

namespace hearth {

std::vector<SyntheticShape> classic_shapes() { return {}; }

}  // namespace hearth
