// What those who run the server ask it.
#pragma once

#include "apps/serve/service.h"

namespace hearth::serve::operation {

void add_routes(Routes& routes);

}  // namespace hearth::serve::operation
