#include "apps/serve/models/lost_pages.h"

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>

#include "apps/serve/refusal.h"

namespace hearth::serve {

namespace {

using Clock = std::chrono::steady_clock;

std::atomic<Clock::rep> last_loss{Clock::time_point::min().time_since_epoch().count()};
static_assert(std::atomic<Clock::rep>::is_always_lock_free, "a signal's handler sets it");
uintptr_t page_size = 0;

/// Calls nothing but the system, and the clock that is read like memory.
void replace_page(int signal, siginfo_t* info, void* /*context*/) {
  const int error = errno;
  const uintptr_t offset = reinterpret_cast<uintptr_t>(info->si_addr) % page_size;
  void* const page = static_cast<char*>(info->si_addr) - offset;
  const bool is_replaced =
      info->si_code == BUS_ADRERR &&
      mmap(page, page_size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED;
  if (is_replaced) {
    last_loss = Clock::now().time_since_epoch().count();
  } else {
    std::signal(signal, SIG_DFL);  // it comes again at once, and ends the process
  }
  errno = error;
}

}  // namespace

void survive_lost_pages() {
  page_size = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  struct sigaction action {};
  action.sa_sigaction = replace_page;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGBUS, &action, nullptr);
}

bool pages_were_lost_since(Clock::time_point then) { return last_loss >= then.time_since_epoch().count(); }

void refuse_pages_lost_since(Clock::time_point then) {
  if (!pages_were_lost_since(then)) return;
  throw Refusal(
      503, ErrorCode::kIo,
      "the file of a loaded model was cut short, so all models are loaded again: give a new file its "
      "name only when it is whole (mv), instead of writing over the old one")
      .after(std::chrono::seconds(1));
}

}  // namespace hearth::serve
