#include "apps/serve/operation/process_figures.h"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace hearth::serve {

namespace {

/// When the program began, as near as it can tell.
const auto kStart = std::chrono::system_clock::now();

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

ProcessFigures process_figures() {
  ProcessFigures figures;
  double whole = 0;
  double resident = 0;
  std::ifstream pages("/proc/self/statm");
  if (pages >> whole >> resident)
    figures.resident_bytes = resident * static_cast<double>(sysconf(_SC_PAGESIZE));
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  if (!error) figures.open_files = static_cast<double>(std::distance(begin(files), end(files)));
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  figures.cpu_seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
  figures.start_seconds = std::chrono::duration<double>(kStart.time_since_epoch()).count();
  return figures;
}

}  // namespace hearth::serve
