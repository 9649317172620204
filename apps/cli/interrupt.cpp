#include "apps/cli/interrupt.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "apps/cli/commands.h"

namespace hearth::cli {
namespace {

volatile sig_atomic_t pressed = 0;
// Holds a byte while Ctrl-C is noted, for poll(): whichever thread the signal came to, the one that waits
// sees it.
std::array<int, 2> note = {-1, -1};

void on_interrupt(int) {
  if (pressed != 0) _exit(kExitInterrupted);
  pressed = 1;
  const int error = errno;
  // A pipe that is full says the same already.
  [[maybe_unused]] const ssize_t written = write(note[1], "!", 1);
  errno = error;
}

}  // namespace

void catch_interrupts() {
  // Without the pipe (no descriptor is left) poll() passes over it, and a signal still ends its wait.
  if (pipe2(note.data(), O_CLOEXEC | O_NONBLOCK) != 0) note = {-1, -1};
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  // No SA_RESTART: a read that waits for a line returns when Ctrl-C is pressed.
  sigaction(SIGINT, &action, nullptr);
}

bool interrupted() { return pressed != 0; }

void clear_interrupt() {
  pressed = 0;
  for (char byte = 0; read(note[0], &byte, 1) == 1;) {
  }
}

bool wait_for_line() {
  std::array<pollfd, 2> awaited{pollfd{STDIN_FILENO, POLLIN, 0}, pollfd{note[0], POLLIN, 0}};
  while (!interrupted() && poll(awaited.data(), awaited.size(), -1) < 0 && errno == EINTR) {
  }
  return !interrupted();
}

}  // namespace hearth::cli
