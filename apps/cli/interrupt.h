// Ctrl-C: the first one asks the command to stop, the second one ends the program.
#pragma once

namespace hearth::cli {

/// From now on Ctrl-C is noted instead of ending the program.
void catch_interrupts();
/// Whether Ctrl-C was pressed since the last clear_interrupt().
bool interrupted();
void clear_interrupt();

}  // namespace hearth::cli
