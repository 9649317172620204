#include "apps/cli/interrupt.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace hearth::cli {
namespace {

volatile sig_atomic_t pressed = 0;  // SIGINT, once Ctrl-C was
volatile sig_atomic_t ending = 0;   // the signal that ends the program
// Holds a byte while a signal is noted, for poll(): whichever thread it came to, the one that waits sees it.
std::array<int, 2> note = {-1, -1};

constexpr int exit_code(int signal) { return 128 + signal; }

void on_signal(int signal) {
  volatile sig_atomic_t& noted = signal == SIGINT ? pressed : ending;
  if (noted != 0) _exit(exit_code(signal));
  noted = signal;
  const int error = errno;
  // A pipe that is full says the same already.
  [[maybe_unused]] const ssize_t written = write(note[1], "!", 1);
  errno = error;
}

bool is_ignored(int signal) {
  struct sigaction action {};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

void catch_interrupts() {
  // Without the pipe (no descriptor is left) poll() passes over it, and a signal still ends its wait.
  if (pipe2(note.data(), O_CLOEXEC | O_NONBLOCK) != 0) note = {-1, -1};
  struct sigaction action {};
  action.sa_handler = on_signal;
  // No SA_RESTART: a read that waits for a line returns when Ctrl-C is pressed.
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  if (!is_ignored(SIGHUP)) sigaction(SIGHUP, &action, nullptr);
}

bool interrupted() { return pressed != 0 || ending != 0; }

int interrupt_exit_code() { return exit_code(ending != 0 ? ending : SIGINT); }

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
