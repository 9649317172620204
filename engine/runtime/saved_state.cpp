#include "engine/runtime/saved_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
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

/// A page, where it lies in a state.
struct SavedPage {
  std::span<const std::byte> kv;    // through all layers
  std::span<const std::byte> slot;  // empty where there is none
};

/// One text, where it lies in a state.
struct SavedText {
  std::vector<TokenId> tokens;
  size_t shared;                 // of the tokens, in whole pages
  std::vector<SavedPage> pages;  // of the others
};

constexpr auto kPageTokens = static_cast<size_t>(kPagePositions);

bool is_resumable(const SavedPage& page, const StateStore& states) {
  return !states.has_slots() || !page.slot.empty();
}

Error invalid_state(std::string_view why) {
  return {ErrorCode::kInvalidArgument, fmt::format("these bytes are no state for this model: {}", why)};
}

/// The first `bytes` of `rest`, which are taken off it.
Result<std::span<const std::byte>> take_bytes(std::span<const std::byte>& rest, uint64_t bytes) {
  if (bytes > rest.size()) return invalid_state("it ends early");
  const auto size = static_cast<size_t>(bytes);
  return std::exchange(rest, rest.subspan(size)).first(size);
}

Result<SavedPage> take_page(std::span<const std::byte>& rest, const StateStore& states) {
  SavedPage page;
  HEARTH_ASSIGN(page.kv, take_bytes(rest, whole_page_bytes(states)));
  if (!states.has_slots()) return page;
  uint32_t has_slot = 0;
  HEARTH_ASSIGN(const auto flag, take_bytes(rest, sizeof(has_slot)));
  std::memcpy(&has_slot, flag.data(), sizeof(has_slot));
  if (has_slot > 1) return invalid_state("a page neither has a state of its end nor has none");
  if (has_slot == 1) {
    HEARTH_ASSIGN(page.slot, take_bytes(rest, states.slot_bytes()));
  }
  return page;
}

/// The text that `rest` begins with, which is taken off it.
Result<SavedText> take_text(std::span<const std::byte>& rest, const StateStore& states) {
  std::array<uint32_t, 2> counts;
  HEARTH_ASSIGN(const auto numbers, take_bytes(rest, sizeof(counts)));
  std::memcpy(counts.data(), numbers.data(), sizeof(counts));
  const auto [count, shared] = counts;
  if (count == 0 || count % kPagePositions != 0 || shared % kPagePositions != 0) {
    return invalid_state("a text is not of whole pages");
  }
  if (shared >= count) return invalid_state("a text has no page of its own");
  HEARTH_ASSIGN(const auto ids, take_bytes(rest, uint64_t{count} * sizeof(TokenId)));
  SavedText text{std::vector<TokenId>(count), shared, {}};
  std::memcpy(text.tokens.data(), ids.data(), ids.size());
  text.pages.reserve((count - shared) / kPagePositions);
  for (uint32_t page = shared / kPagePositions; page < count / kPagePositions; ++page) {
    HEARTH_ASSIGN(const SavedPage taken, take_page(rest, states));
    text.pages.push_back(taken);
  }
  if (!is_resumable(text.pages.back(), states)) return invalid_state("a text has no state of its end");
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
    HEARTH_ASSIGN(SavedText text, take_text(rest, states));
    texts.push_back(std::move(text));
  }
  if (!rest.empty()) return invalid_state("it goes on after its end");
  return texts;
}

/// Room for what is restored, and what takes it.
class Restoring {
 public:
  Restoring(StateStore& states, PrefixTree& prefixes, std::string_view key)
      : states_(states), prefixes_(prefixes), key_(key) {
    // One is the sequence's that is being restored.
    if (states.has_slots()) slots_ = states.free_slots() + prefixes.slot_count() - 1;
  }

  /// As far as there is room, where the pages that it shares are there.
  void restore(const SavedText& text) {
    SequenceState sequence = prefixes_.find(text.tokens, key_);
    if (sequence.length() < static_cast<int32_t>(text.shared)) return;
    if (states_.has_slots() && sequence.slot() < 0) prefixes_.free_slot();
    const size_t first = sequence.pages().size() - text.shared / kPageTokens;
    for (const SavedPage& page : std::span(text.pages).subspan(first)) {
      if (!restore(page, sequence)) return;
      if (states_.has_slots() && !page.slot.empty()) store(text, sequence);
    }
    // None makes room for another: what was used last comes first, and stays as long as its sequence.
    if (states_.has_slots()) return;
    store(text, sequence);
    restored_.push_back(std::move(sequence));
  }

 private:
  bool restore(const SavedPage& page, SequenceState& sequence) {
    if (states_.has_slots() && !page.slot.empty() && slots_-- <= 0) return false;
    while (!sequence.extend(kPagePositions).ok()) {
      if (!prefixes_.evict_oldest()) return false;
    }
    std::span<const std::byte> from = page.kv;
    for (const KvPages& kv : states_.all_kv()) {
      const auto page_bytes = static_cast<size_t>(kv.layout.page_bytes());
      states_.backend().write(from.first(page_bytes), page_of(kv, sequence.pages().back()));
      from = from.subspan(page_bytes);
    }
    if (!page.slot.empty()) states_.backend().write(page.slot, states_.whole_slots().of(sequence.slot()));
    return true;
  }
  void store(const SavedText& text, const SequenceState& sequence) {
    const auto length = static_cast<size_t>(sequence.length());
    prefixes_.store(std::span(text.tokens).first(length), sequence, key_);
  }

  StateStore& states_;
  PrefixTree& prefixes_;
  std::string_view key_;
  int32_t slots_ = 0;  // that may still be taken without taking them from what was restored before
  std::vector<SequenceState> restored_;
};

/// What save_state writes of a text: the pages that none before it has.
struct TextToSave {
  const PrefixTree::Text& text;
  size_t shared_pages;
};

/// The one used last first.
std::vector<TextToSave> texts_to_save(const KeptTexts& texts) {
  std::vector<TextToSave> all;
  std::set<const KeptPage*> saved;
  for (auto text = texts.rbegin(); text != texts.rend(); ++text) {
    auto first_new = std::find_if(text->pages.begin(), text->pages.end(),
                                  [&](const KeptPage* page) { return !saved.contains(page); });
    if (first_new == text->pages.end()) continue;
    // What is restored goes on from what the other has.
    while (first_new != text->pages.begin() && !(*std::prev(first_new))->is_resumable()) --first_new;
    const auto shared = static_cast<size_t>(first_new - text->pages.begin());
    saved.insert(first_new, text->pages.end());
    all.push_back({*text, shared});
  }
  return all;
}

}  // namespace

uint64_t saved_state_size(const StateStore& states, const KeptTexts& kept) {
  uint64_t size = sizeof(Header);
  for (const auto& [text, shared_pages] : texts_to_save(kept)) {
    size += 2 * sizeof(uint32_t) + text.tokens.size() * sizeof(TokenId) +
            (text.pages.size() - shared_pages) * whole_page_bytes(states);
    if (!states.has_slots()) continue;
    for (const KeptPage* page : std::span(text.pages).subspan(shared_pages)) {
      size += sizeof(uint32_t) + (page->slot() >= 0 ? states.slot_bytes() : 0);
    }
  }
  return size;
}

Result<void> save_state(uint64_t model, const StateStore& states, const KeptTexts& kept,
                        std::span<std::byte> state) {
  std::span<std::byte> to = state.subspan(sizeof(Header));
  const auto take = [&to](size_t size) { return std::exchange(to, to.subspan(size)).first(size); };
  const auto write = [&take](const void* from, size_t size) { std::memcpy(take(size).data(), from, size); };
  Header header = header_of(model, states);
  for (const auto& [text, shared_pages] : texts_to_save(kept)) {
    const std::array<uint32_t, 2> counts{static_cast<uint32_t>(text.tokens.size()),
                                         static_cast<uint32_t>(shared_pages * kPagePositions)};
    write(counts.data(), sizeof(counts));
    write(text.tokens.data(), text.tokens.size() * sizeof(TokenId));
    for (const KeptPage* page : std::span(text.pages).subspan(shared_pages)) {
      for (const KvPages& kv : states.all_kv()) {
        states.backend().begin_read(page_of(kv, page->page()),
                                    take(static_cast<size_t>(kv.layout.page_bytes())));
      }
      if (!states.has_slots()) continue;
      const uint32_t has_slot = page->slot() >= 0 ? 1 : 0;
      write(&has_slot, sizeof(has_slot));
      if (has_slot == 0) continue;
      states.backend().begin_read(states.whole_slots().of(page->slot()),
                                  take(static_cast<size_t>(states.slot_bytes())));
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
  Restoring restoring(states, prefixes, key);
  for (const SavedText& text : texts) restoring.restore(text);
  for (auto text = texts.rbegin(); text != texts.rend(); ++text) prefixes.find(text->tokens, key);
  return {};
}

}  // namespace hearth
