// State spaces, alone and beside attention.
#include "testing/synthetic/families/families.h"

namespace hearth {

std::vector<SyntheticShape> state_space_shapes() { return {}; }

}  // namespace hearth
