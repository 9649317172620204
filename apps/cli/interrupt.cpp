#include "apps/cli/interrupt.h"

#include <unistd.h>

#include <csignal>

#include "apps/cli/commands.h"

namespace hearth::cli {
namespace {

volatile sig_atomic_t pressed = 0;

void on_interrupt(int) {
  if (pressed != 0) _exit(kExitInterrupted);
  pressed = 1;
}

}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  // No SA_RESTART: a read that waits for a line returns when Ctrl-C is pressed.
  sigaction(SIGINT, &action, nullptr);
}

bool interrupted() { return pressed != 0; }
void clear_interrupt() { pressed = 0; }

}  // namespace hearth::cli
