#include "apps/serve/api/random_id.h"

#include <openssl/rand.h>

#include <vector>

#include "apps/serve/refusal.h"

namespace hearth::serve {

std::string random_id(std::string_view prefix, size_t length) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::vector<unsigned char> bytes(length);
  if (RAND_bytes(bytes.data(), static_cast<int>(length)) != 1) {
    throw Refusal(Error{ErrorCode::kInternal, "the system has no random numbers"});
  }
  std::string id(prefix);
  for (const unsigned char byte : bytes) id += kLetters[byte % kLetters.size()];
  return id;
}

}  // namespace hearth::serve
