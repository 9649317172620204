// Fuzzes the reader of saved states: whatever follows a sound header, it is refused and nothing has changed,
// or it becomes texts that fit the cache and come back when they are saved.
//
// Bytes of an input: the number of texts (uint32), then the texts as they lie in a state.
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "engine/compute/devices.h"
#include "engine/runtime/saved_state.h"
#include "engine/text/text_hash.h"

namespace hearth {
namespace {

constexpr uint64_t kModel = 7;
constexpr int32_t kPages = 6;
constexpr int32_t kSlots = 6;

void require(bool holds) {
  if (!holds) std::abort();
}

/// Where save_state puts the number of texts and the checksum, and how long its header is.
constexpr size_t kCountOffset = 12;
constexpr size_t kChecksumOffset = 24;

std::vector<std::byte> save(const StateStore& states, const PrefixTree& prefixes) {
  std::vector<std::byte> state(static_cast<size_t>(saved_state_size(states, prefixes.texts())));
  require(save_state(kModel, states, prefixes.texts(), state).ok());
  return state;
}

void try_state(std::span<const std::byte> input, StateStore& states) {
  PrefixTree prefixes(states);
  std::vector<std::byte> state = save(states, prefixes);
  const size_t header = state.size();
  std::memcpy(state.data() + kCountOffset, input.data(), sizeof(uint32_t));
  state.insert(state.end(), input.begin() + sizeof(uint32_t), input.end());
  const uint64_t checksum =
      hash_text({reinterpret_cast<const char*>(state.data()) + header, state.size() - header}, 0);
  std::memcpy(state.data() + kChecksumOffset, &checksum, sizeof(checksum));

  if (!restore_state(kModel, state, states, prefixes).ok()) {
    require(states.free_pages() == kPages && prefixes.texts().empty());
    return;
  }
  const std::vector<std::byte> again = save(states, prefixes);
  require(restore_state(kModel, again, states, prefixes).ok());
  require(save(states, prefixes) == again);
}

}  // namespace
}  // namespace hearth

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hearth;
  if (size < sizeof(uint32_t)) return 0;
  static const std::unique_ptr<Backend> backend = std::move(make_backend({"", 1, ""})).value();
  StatePlan plan;
  plan.add_kv({1, 1, 1});
  if (data[0] % 2 == 1) plan.add_slot(4);
  const auto states =
      std::move(StateStore::create(*backend, plan, int64_t{kPages} * kPagePositions, BlockType::kF32, kSlots))
          .value();
  try_state(std::as_bytes(std::span(data, size)), *states);
  require(states->free_pages() == kPages && states->free_slots() == (states->has_slots() ? kSlots : 0));
  return 0;
}
