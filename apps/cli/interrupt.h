// Ctrl-C: the first one asks the command to stop, the second one ends the program.
#pragma once

namespace hearth::cli {

/// From now on Ctrl-C is noted instead of ending the program.
void catch_interrupts();
/// Whether Ctrl-C was pressed since the last clear_interrupt().
bool interrupted();
void clear_interrupt();
/// Waits until the terminal has a line, or its end, to read; false if interrupted() comes first or already
/// holds. A read alone would miss a Ctrl-C that comes just before it.
bool wait_for_line();

}  // namespace hearth::cli
