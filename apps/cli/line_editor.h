// Lines typed on a terminal: editing, history, pastes that stay whole. Debian's libedit does the work.
#pragma once

#include <cstdio>
#include <memory>

#include "apps/cli/line_reader.h"

namespace hearth::cli {

/// An editor on standard input that draws on `screen`, the same terminal. Its history lasts as long as it
/// does. At most one at a time; sets LC_CTYPE, as texts are UTF-8 here.
///
/// Ctrl-C discards what was typed, and in an empty line does what SIGINT does; Ctrl-D in an empty line is the
/// end of the input.
std::unique_ptr<LineReader> open_line_editor(std::FILE* screen);

}  // namespace hearth::cli
