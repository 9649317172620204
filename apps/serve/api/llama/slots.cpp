#include "apps/serve/api/llama/slots.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <cstring>
#include <system_error>
#include <utility>

namespace hearth::serve::llama {

namespace {

constexpr std::string_view kMagic = "HEARTHS1";

using Checksum = std::array<unsigned char, 32>;

Checksum checksum_of(std::string_view bytes) {
  Checksum checksum{};
  EVP_Digest(bytes.data(), bytes.size(), checksum.data(), nullptr, EVP_sha256(), nullptr);
  return checksum;
}

}  // namespace

std::shared_ptr<SlotText> Slots::begin(const SlotKey& slot, SlotText text) {
  return texts_[slot] = std::make_shared<SlotText>(std::move(text));
}

SlotText Slots::text(const SlotKey& slot) const {
  const auto found = texts_.find(slot);
  return found == texts_.end() ? SlotText() : *found->second;
}

Result<void> open_slot_folder(const std::filesystem::path& folder) {
  std::error_code problem;
  for (const auto& entry : std::filesystem::directory_iterator(folder, problem)) {
    std::error_code ignored;
    if (entry.path().extension() == kUnfinished) std::filesystem::remove(entry.path(), ignored);
  }
  if (!problem) return {};
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("slots can't be saved in {}: {}", folder.string(), problem.message())};
}

// The magic, the SHA-256 of all behind it, the number of tokens (uint32), the tokens (int32), the state;
// little-endian, as every machine that Hearth runs on.
std::string write_slot_file(const SlotFile& slot) {
  const auto count = static_cast<uint32_t>(slot.text.size());
  std::string content(reinterpret_cast<const char*>(&count), sizeof(count));
  content.append(reinterpret_cast<const char*>(slot.text.data()), slot.text.size() * sizeof(int32_t));
  content.append(slot.state);
  const Checksum checksum = checksum_of(content);
  std::string bytes(kMagic);
  bytes.append(reinterpret_cast<const char*>(checksum.data()), checksum.size());
  return bytes.append(content);
}

Result<SlotFile> read_slot_file(std::string_view bytes) {
  constexpr size_t kHead = kMagic.size() + sizeof(Checksum) + sizeof(uint32_t);
  const Error damaged{ErrorCode::kIntegrity,
                      "it is no file of a saved slot, or it is damaged: save the slot again"};
  if (bytes.size() < kHead || !bytes.starts_with(kMagic)) return damaged;
  std::string_view content = bytes.substr(kMagic.size() + sizeof(Checksum));
  const Checksum checksum = checksum_of(content);
  if (std::memcmp(checksum.data(), bytes.data() + kMagic.size(), checksum.size()) != 0) return damaged;
  uint32_t count = 0;
  std::memcpy(&count, content.data(), sizeof(count));
  content.remove_prefix(sizeof(count));
  if (count > content.size() / sizeof(int32_t)) return damaged;
  SlotFile slot;
  slot.text.resize(count);
  // Nothing may be copied to nowhere, even if it is nothing.
  if (count > 0) std::memcpy(slot.text.data(), content.data(), count * sizeof(int32_t));
  slot.state = content.substr(count * sizeof(int32_t));
  return slot;
}

}  // namespace hearth::serve::llama
