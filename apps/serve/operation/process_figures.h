// What the system says of this process.
#pragma once

namespace hearth::serve {

struct ProcessFigures {
  double resident_bytes = 0;
  double open_files = 0;
  double cpu_seconds = 0;
  double start_seconds = 0;  // since 1970
};

/// Zero where the system does not tell.
ProcessFigures process_figures();

}  // namespace hearth::serve
