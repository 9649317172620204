// Signals that ask the program to end: Ctrl-C, SIGTERM, and SIGHUP when its terminal goes. The first one asks
// the command to stop, which tidies up; a second one of a kind ends the program at once.
#pragma once

namespace hearth::cli {

/// From now on they are noted instead of ending the program. A SIGHUP that is ignored (nohup) stays ignored.
void catch_interrupts();
/// Whether Ctrl-C was pressed since the last clear_interrupt(), or another of them has come.
bool interrupted();
/// Forgets Ctrl-C; what ends the program is not forgotten.
void clear_interrupt();
/// What an interrupted program ends with: 128 and the signal's number, as shells report it (130 after
/// Ctrl-C).
int interrupt_exit_code();
/// Waits until the terminal has a line, or its end, to read; false if interrupted() comes first or already
/// holds. A read alone would miss a Ctrl-C that comes just before it.
bool wait_for_line();

}  // namespace hearth::cli
