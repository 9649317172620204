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
  int32_t n_layer = 0;    // with keys and values
  int32_t n_head_kv = 0;  // of the first, here and below: which model it is tells the rest
  int32_t key_dimension = 0;
  int32_t value_dimension = 0;
  int32_t page_positions = kPagePositions;
};
static_assert(sizeof(Header) == 56);

Header header_of(uint64_t model, const StateStore& states) {
  Header header;
  header.model = model;
  header.n_layer = static_cast<int32_t>(states.all_kv().size());
  if (states.all_kv().empty()) return header;
  const KvLayout& layout = states.kv(0).layout;
  header.type = static_cast<int32_t>(layout.type);
  header.n_head_kv = layout.n_head_kv;
  header.key_dimension = layout.key_dimension;
  header.value_dimension = layout.value_dimension;
  return header;
}

uint64_t checksum_of(std::span<const std::byte> bytes) {
  return hash_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, 0);
}

/// One page through all layers.
uint64_t whole_page_bytes(const StateStore& states) {
  uint64_t bytes = 0;
  for (const KvPages& kv : states.all_kv()) bytes += kv.layout.page_bytes();
  return bytes;
}

/// Where a page of one layer lies.
Buffer page_of(const KvPages& kv, int32_t page) { return kv.memory.at(kv.layout.key_offset(page, 0)); }

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
                                             const StateStore& states) {
  Header header;
  if (state.size() < sizeof(header)) return invalid_state(fmt::format("{} bytes are too few", state.size()));
  std::memcpy(&header, state.data(), sizeof(header));
  std::span<const std::byte> rest = state.subspan(sizeof(header));
  if (header.magic != kMagic) return invalid_state("they do not begin as a saved state does");
  if (header.version != kVersion) {
    return invalid_state(fmt::format("its version is {}, and only {} is known", header.version, kVersion));
  }
  Header expected = header_of(model, states);
  if (header.model != expected.model)
    return invalid_state("another model saved it, or the same on another device");
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
    const uint64_t page_bytes = uint64_t{count} / kPagePositions * whole_page_bytes(states);
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

void restore_entry(const SavedEntry& entry, StateStore& states, PrefixCache& prefixes) {
  std::vector<TokenId> tokens(entry.tokens.size() / sizeof(TokenId));
  std::memcpy(tokens.data(), entry.tokens.data(), entry.tokens.size());
  SequenceState sequence = prefixes.find(tokens);  // what another entry brought is not kept twice
  const size_t shared_pages = sequence.pages().size();
  while (!sequence.extend(static_cast<int32_t>(tokens.size()) - sequence.length()).ok()) {
    if (!prefixes.evict_oldest()) return;
  }
  std::span<const std::byte> from = entry.pages.subspan(shared_pages * whole_page_bytes(states));
  for (const int32_t page : sequence.pages().subspan(shared_pages)) {
    for (const KvPages& kv : states.all_kv()) {
      const auto page_bytes = static_cast<size_t>(kv.layout.page_bytes());
      states.backend().write(from.first(page_bytes), page_of(kv, page));
      from = from.subspan(page_bytes);
    }
  }
  prefixes.store(tokens, sequence);
}

}  // namespace

uint64_t saved_state_size(const StateStore& states, const PrefixCache& prefixes) {
  uint64_t size = sizeof(Header);
  for (const PrefixCache::Entry& entry : prefixes.entries()) {
    size += sizeof(uint32_t) + entry.tokens.size() * sizeof(TokenId) +
            entry.sequence.pages().size() * whole_page_bytes(states);
  }
  return size;
}

Result<void> save_state(uint64_t model, const StateStore& states, const PrefixCache& prefixes,
                        std::span<std::byte> state) {
  std::span<std::byte> to = state.subspan(sizeof(Header));
  const auto take = [&to](size_t size) { return std::exchange(to, to.subspan(size)).first(size); };
  const auto write = [&take](const void* from, size_t size) { std::memcpy(take(size).data(), from, size); };
  for (const PrefixCache::Entry& entry : prefixes.entries()) {
    const auto count = static_cast<uint32_t>(entry.tokens.size());
    write(&count, sizeof(count));
    write(entry.tokens.data(), entry.tokens.size() * sizeof(TokenId));
    for (const int32_t page : entry.sequence.pages()) {
      for (const KvPages& kv : states.all_kv()) {
        states.backend().begin_read(page_of(kv, page), take(static_cast<size_t>(kv.layout.page_bytes())));
      }
    }
  }
  HEARTH_TRY(states.backend().wait());
  Header header = header_of(model, states);
  header.entry_count = static_cast<uint32_t>(prefixes.entries().size());
  header.checksum = checksum_of(state.subspan(sizeof(Header)));
  std::memcpy(state.data(), &header, sizeof(header));
  return {};
}

Result<void> restore_state(uint64_t model, std::span<const std::byte> state, StateStore& states,
                           PrefixCache& prefixes) {
  HEARTH_ASSIGN(const std::vector<SavedEntry> entries, read_entries(model, state, states));
  for (const SavedEntry& entry : entries) restore_entry(entry, states, prefixes);
  return {};
}

}  // namespace hearth
