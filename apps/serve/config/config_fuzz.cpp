// Fuzzes the reader of hearth.yaml. What is read is printed so that it is read as the same.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "apps/serve/config/print_config.h"
#include "apps/serve/config/read_config.h"

namespace hearth::serve::fuzzing {
namespace {

constexpr size_t kMostBytes = 4096;

void check_config(std::string_view text) {
  const auto config = read_config_text(text, "/etc/hearth.yaml");
  if (!config.ok()) return;
  const std::string printed = print_config(*config);
  const auto again = read_config_text(printed, "/etc/hearth.yaml");
  if (again.ok() && print_config(*again) == printed) return;
  std::fprintf(stderr, "violated: what is printed is read as the same: %s\n%s\n",
               again.ok() ? "it differs" : again.error().message.c_str(), printed.c_str());
  std::abort();
}

}  // namespace
}  // namespace hearth::serve::fuzzing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > hearth::serve::fuzzing::kMostBytes) return 0;
  hearth::serve::fuzzing::check_config({reinterpret_cast<const char*>(data), size});
  return 0;
}
