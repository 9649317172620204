#include "engine/runtime/saved_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/text/text_hash.h"

namespace hearth {
namespace {

constexpr std::array<char, 8> kMagic = {'H', 'E', 'A', 'R', 'T', 'H', 'K', 'V'};
constexpr uint32_t kVersion = 2;

/// As it lies in the file: no padding.
struct Header {
  std::array<char, 8> magic = kMagic;
  uint32_t version = kVersion;
  uint32_t text_count = 0;
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

/// One text, where it lies in a state.
struct SavedText {
  std::vector<TokenId> tokens;
  size_t shared;  // of the tokens, in whole pages
  std::span<const std::byte> pages;
};

Error invalid_state(std::string_view why) {
  return {ErrorCode::kInvalidArgument, fmt::format("these bytes are no state for this model: {}", why)};
}

/// The text that `rest` begins with, which is taken off it.
Result<SavedText> take_text(std::span<const std::byte>& rest, uint64_t page_bytes) {
  std::array<uint32_t, 2> counts;
  if (rest.size() < sizeof(counts)) return invalid_state("it ends early");
  std::memcpy(counts.data(), rest.data(), sizeof(counts));
  rest = rest.subspan(sizeof(counts));
  const auto [count, shared] = counts;
  if (count == 0 || count % kPagePositions != 0 || shared % kPagePositions != 0) {
    return invalid_state("a text is not of whole pages");
  }
  if (shared >= count) return invalid_state("a text has no page of its own");
  const uint64_t token_bytes = uint64_t{count} * sizeof(TokenId);
  const uint64_t own_bytes = uint64_t{count - shared} / kPagePositions * page_bytes;
  if (token_bytes > rest.size() || own_bytes > rest.size() - token_bytes) {
    return invalid_state("it ends early");
  }
  SavedText text{std::vector<TokenId>(count), shared,
                 rest.subspan(static_cast<size_t>(token_bytes), static_cast<size_t>(own_bytes))};
  std::memcpy(text.tokens.data(), rest.data(), static_cast<size_t>(token_bytes));
  rest = rest.subspan(static_cast<size_t>(token_bytes + own_bytes));
  return text;
}

/// Checks everything before anything is changed.
Result<std::vector<SavedText>> read_texts(uint64_t model, std::span<const std::byte> state,
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
  expected.text_count = header.text_count;
  expected.checksum = header.checksum;
  if (std::memcmp(&header, &expected, sizeof(header)) != 0) {
    return invalid_state(
        "its keys and values are of another type or shape; load the model with the same kvType");
  }
  if (checksum_of(rest) != header.checksum) {
    return Error{ErrorCode::kIntegrity, "the saved state is damaged: its bytes differ from their checksum"};
  }
  std::vector<SavedText> texts;
  for (uint32_t index = 0; index < header.text_count; ++index) {
    HEARTH_ASSIGN(SavedText text, take_text(rest, whole_page_bytes(states)));
    texts.push_back(std::move(text));
  }
  if (!rest.empty()) return invalid_state("it goes on after its end");
  return texts;
}

/// A sequence with what was saved, where there is room and the pages that it shares are there.
std::optional<SequenceState> restore_text(const SavedText& text, StateStore& states, PrefixTree& prefixes,
                                          std::string_view key) {
  SequenceState sequence = prefixes.find(text.tokens, key);
  if (sequence.length() < static_cast<int32_t>(text.shared)) return std::nullopt;
  const size_t present = sequence.pages().size();
  while (!sequence.extend(static_cast<int32_t>(text.tokens.size()) - sequence.length()).ok()) {
    if (!prefixes.evict_oldest()) return std::nullopt;
  }
  std::span<const std::byte> from =
      text.pages.subspan((present - text.shared / kPagePositions) * whole_page_bytes(states));
  for (const int32_t page : sequence.pages().subspan(present)) {
    for (const KvPages& kv : states.all_kv()) {
      const auto page_bytes = static_cast<size_t>(kv.layout.page_bytes());
      states.backend().write(from.first(page_bytes), page_of(kv, page));
      from = from.subspan(page_bytes);
    }
  }
  prefixes.store(text.tokens, sequence, key);
  return sequence;
}

/// What save_state writes of a text: the pages that none before it has.
struct TextToSave {
  const PrefixTree::Text& text;
  size_t shared_pages;
};

/// The one used last first.
std::vector<TextToSave> texts_to_save(const StateStore& states, const KeptTexts& texts) {
  std::vector<TextToSave> all;
  if (states.has_slots()) return all;
  std::set<const KeptPage*> saved;
  for (auto text = texts.rbegin(); text != texts.rend(); ++text) {
    const auto first_new = std::find_if(text->pages.begin(), text->pages.end(),
                                        [&](const KeptPage* page) { return !saved.contains(page); });
    const auto shared = static_cast<size_t>(first_new - text->pages.begin());
    saved.insert(first_new, text->pages.end());
    if (shared < text->pages.size()) all.push_back({*text, shared});
  }
  return all;
}

}  // namespace

uint64_t saved_state_size(const StateStore& states, const KeptTexts& kept) {
  uint64_t size = sizeof(Header);
  for (const auto& [text, shared_pages] : texts_to_save(states, kept)) {
    size += 2 * sizeof(uint32_t) + text.tokens.size() * sizeof(TokenId) +
            (text.pages.size() - shared_pages) * whole_page_bytes(states);
  }
  return size;
}

Result<void> save_state(uint64_t model, const StateStore& states, const KeptTexts& kept,
                        std::span<std::byte> state) {
  std::span<std::byte> to = state.subspan(sizeof(Header));
  const auto take = [&to](size_t size) { return std::exchange(to, to.subspan(size)).first(size); };
  const auto write = [&take](const void* from, size_t size) { std::memcpy(take(size).data(), from, size); };
  Header header = header_of(model, states);
  for (const auto& [text, shared_pages] : texts_to_save(states, kept)) {
    const std::array<uint32_t, 2> counts{static_cast<uint32_t>(text.tokens.size()),
                                         static_cast<uint32_t>(shared_pages * kPagePositions)};
    write(counts.data(), sizeof(counts));
    write(text.tokens.data(), text.tokens.size() * sizeof(TokenId));
    for (const KeptPage* page : std::span(text.pages).subspan(shared_pages)) {
      for (const KvPages& kv : states.all_kv()) {
        states.backend().begin_read(page_of(kv, page->page()),
                                    take(static_cast<size_t>(kv.layout.page_bytes())));
      }
    }
    ++header.text_count;
  }
  HEARTH_TRY(states.backend().wait());
  header.checksum = checksum_of(state.subspan(sizeof(Header)));
  std::memcpy(state.data(), &header, sizeof(header));
  return {};
}

Result<void> restore_state(uint64_t model, std::span<const std::byte> state, StateStore& states,
                           PrefixTree& prefixes, std::string_view key) {
  HEARTH_ASSIGN(const std::vector<SavedText> texts, read_texts(model, state, states));
  // As long as they are here, none makes room for another: what was used last comes first, and stays.
  std::vector<SequenceState> restored;
  for (const SavedText& text : texts) {
    std::optional<SequenceState> sequence = restore_text(text, states, prefixes, key);
    if (sequence) restored.push_back(std::move(*sequence));
  }
  for (auto text = texts.rbegin(); text != texts.rend(); ++text) prefixes.find(text->tokens, key);
  return {};
}

}  // namespace hearth
