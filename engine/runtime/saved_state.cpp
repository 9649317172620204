#include "engine/runtime/saved_state.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/text/text_hash.h"

namespace hearth {
namespace {

constexpr std::array<char, 8> kMagic = {'H', 'E', 'A', 'R', 'T', 'H', 'K', 'V'};
constexpr uint32_t kVersion = 1;

/// As it lies in the file: no padding.
struct Header {
  std::array<char, 8> magic = kMagic;
  uint32_t version = kVersion;
  uint32_t entry_count = 0;
  uint64_t model = 0;
  uint64_t checksum = 0;  // of all that follows the header
  int32_t type = 0;
  int32_t n_layer = 0;
  int32_t n_head_kv = 0;
  int32_t key_dimension = 0;
  int32_t value_dimension = 0;
  int32_t page_positions = kPagePositions;
};
static_assert(sizeof(Header) == 56);

Header header_of(uint64_t model, const KvLayout& layout) {
  Header header;
  header.model = model;
  header.type = static_cast<int32_t>(layout.type);
  header.n_layer = layout.n_layer;
  header.n_head_kv = layout.n_head_kv;
  header.key_dimension = layout.key_dimension;
  header.value_dimension = layout.value_dimension;
  return header;
}

uint64_t checksum_of(std::span<const std::byte> bytes) {
  return hash_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, 0);
}

/// One page through all layers.
uint64_t whole_page_bytes(const KvLayout& layout) {
  return layout.page_bytes() * static_cast<uint64_t>(layout.n_layer);
}

/// One entry, where it lies in a state.
struct SavedEntry {
  std::span<const std::byte> tokens;
  std::span<const std::byte> pages;
};

Error invalid_state(std::string_view why) {
  return {ErrorCode::kInvalidArgument, fmt::format("these bytes are no state for this model: {}", why)};
}

/// Checks everything before anything is changed.
Result<std::vector<SavedEntry>> read_entries(uint64_t model, std::span<const std::byte> state,
                                             const KvLayout& layout) {
  Header header;
  if (state.size() < sizeof(header)) return invalid_state(fmt::format("{} bytes are too few", state.size()));
  std::memcpy(&header, state.data(), sizeof(header));
  std::span<const std::byte> rest = state.subspan(sizeof(header));
  if (header.magic != kMagic) return invalid_state("they do not begin as a saved state does");
  if (header.version != kVersion) {
    return invalid_state(fmt::format("its version is {}, and only {} is known", header.version, kVersion));
  }
  Header expected = header_of(model, layout);
  if (header.model != expected.model) return invalid_state("another model saved it");
  expected.entry_count = header.entry_count;
  expected.checksum = header.checksum;
  if (std::memcmp(&header, &expected, sizeof(header)) != 0) {
    return invalid_state(
        "its keys and values are of another type or shape; load the model with the same kv_type");
  }
  if (checksum_of(rest) != header.checksum) {
    return Error{ErrorCode::kIntegrity, "the saved state is damaged: its bytes differ from their checksum"};
  }
  std::vector<SavedEntry> entries;
  for (uint32_t index = 0; index < header.entry_count; ++index) {
    uint32_t count = 0;
    if (rest.size() < sizeof(count)) return invalid_state("it ends early");
    std::memcpy(&count, rest.data(), sizeof(count));
    rest = rest.subspan(sizeof(count));
    const uint64_t token_bytes = uint64_t{count} * sizeof(TokenId);
    const uint64_t page_bytes = uint64_t{count} / kPagePositions * whole_page_bytes(layout);
    if (count == 0 || count % kPagePositions != 0) return invalid_state("an entry is not of whole pages");
    if (token_bytes > rest.size() || page_bytes > rest.size() - token_bytes)
      return invalid_state("it ends early");
    entries.push_back({rest.first(static_cast<size_t>(token_bytes)),
                       rest.subspan(static_cast<size_t>(token_bytes), static_cast<size_t>(page_bytes))});
    rest = rest.subspan(static_cast<size_t>(token_bytes + page_bytes));
  }
  if (!rest.empty()) return invalid_state("it goes on after its end");
  return entries;
}

void restore_entry(const SavedEntry& entry, KvCache& cache, PrefixCache& prefixes) {
  std::vector<TokenId> tokens(entry.tokens.size() / sizeof(TokenId));
  std::memcpy(tokens.data(), entry.tokens.data(), entry.tokens.size());
  KvSequence sequence = prefixes.find(tokens);  // what another entry brought is not kept twice
  const size_t shared_pages = sequence.pages().size();
  while (!sequence.extend(static_cast<int32_t>(tokens.size()) - sequence.length()).ok()) {
    if (!prefixes.evict_oldest()) return;
  }
  const KvLayout& layout = cache.layout();
  const auto page_bytes = static_cast<size_t>(layout.page_bytes());
  const std::byte* from = entry.pages.data() + shared_pages * whole_page_bytes(layout);
  for (const int32_t page : sequence.pages().subspan(shared_pages)) {
    for (int32_t layer = 0; layer < layout.n_layer; ++layer, from += page_bytes) {
      std::memcpy(cache.memory() + layout.key_offset(layer, page, 0), from, page_bytes);
    }
  }
  prefixes.store(tokens, sequence);
}

}  // namespace

uint64_t saved_state_size(const KvCache& cache, const PrefixCache& prefixes) {
  uint64_t size = sizeof(Header);
  for (const PrefixCache::Entry& entry : prefixes.entries()) {
    size += sizeof(uint32_t) + entry.tokens.size() * sizeof(TokenId) +
            entry.sequence.pages().size() * whole_page_bytes(cache.layout());
  }
  return size;
}

void save_state(uint64_t model, const KvCache& cache, const PrefixCache& prefixes,
                std::span<std::byte> state) {
  const KvLayout& layout = cache.layout();
  std::byte* to = state.data() + sizeof(Header);
  const auto write = [&to](const void* from, size_t size) {
    std::memcpy(to, from, size);
    to += size;
  };
  for (const PrefixCache::Entry& entry : prefixes.entries()) {
    const auto count = static_cast<uint32_t>(entry.tokens.size());
    write(&count, sizeof(count));
    write(entry.tokens.data(), entry.tokens.size() * sizeof(TokenId));
    for (const int32_t page : entry.sequence.pages()) {
      for (int32_t layer = 0; layer < layout.n_layer; ++layer) {
        write(cache.memory() + layout.key_offset(layer, page, 0), static_cast<size_t>(layout.page_bytes()));
      }
    }
  }
  Header header = header_of(model, layout);
  header.entry_count = static_cast<uint32_t>(prefixes.entries().size());
  header.checksum = checksum_of(state.subspan(sizeof(Header)));
  std::memcpy(state.data(), &header, sizeof(header));
}

Result<void> restore_state(uint64_t model, std::span<const std::byte> state, KvCache& cache,
                           PrefixCache& prefixes) {
  HEARTH_ASSIGN(const std::vector<SavedEntry> entries, read_entries(model, state, cache.layout()));
  for (const SavedEntry& entry : entries) restore_entry(entry, cache, prefixes);
  return {};
}

}  // namespace hearth
