#include "apps/serve/tenants/api_key.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>

#include "apps/serve/random_digits.h"

namespace hearth::serve {
namespace {

constexpr std::string_view kPrefix = "sk-hearth-";
constexpr size_t kIdDigits = 8;
constexpr size_t kSecretBytes = 32;

}  // namespace

bool ApiKey::may_use(std::string_view model) const {
  return uses_models && (models.empty() || std::find(models.begin(), models.end(), model) != models.end());
}

KeyHash hash_of(std::string_view presented) {
  KeyHash hash{};
  EVP_Digest(presented.data(), presented.size(), hash.data(), nullptr, EVP_sha256(), nullptr);
  return hash;
}

std::string_view id_of(std::string_view presented) {
  const bool has_form = presented.size() == kPrefix.size() + kIdDigits + 1 + 2 * kSecretBytes &&
                        presented.starts_with(kPrefix) && presented[kPrefix.size() + kIdDigits] == '-';
  return has_form ? presented.substr(kPrefix.size(), kIdDigits) : std::string_view();
}

std::string make_secret_key(std::string_view id) {
  return fmt::format("{}{}-{}", kPrefix, id, random_digits(kSecretBytes));
}

}  // namespace hearth::serve
