// The chat page at /, and its files.
#pragma once

#include "apps/serve/service.h"

namespace hearth::serve::page {

void add_routes(Routes& routes);

}  // namespace hearth::serve::page
