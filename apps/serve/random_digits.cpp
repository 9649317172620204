#include "apps/serve/random_digits.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/rand.h>

#include <stdexcept>
#include <vector>

namespace hearth::serve {

std::string random_digits(size_t bytes) {
  std::vector<unsigned char> random(bytes);
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
    throw std::runtime_error("the system has no random bytes");
  }
  return fmt::format("{:02x}", fmt::join(random, ""));
}

}  // namespace hearth::serve
