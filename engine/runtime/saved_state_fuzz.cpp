// Fuzzes the reader of saved states: whatever follows a sound header, it is refused and nothing has changed,
// or it becomes entries that fit the cache and come back when they are saved.
//
// Bytes of an input: the number of entries (uint32), then the entries as they lie in a state.
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "engine/compute/backend.h"
#include "engine/runtime/saved_state.h"
#include "engine/text/text_hash.h"

namespace hearth {
namespace {

constexpr uint64_t kModel = 7;
constexpr int32_t kPages = 6;

void require(bool holds) {
  if (!holds) std::abort();
}

/// Where save_state puts the number of entries and the checksum, and how long its header is.
constexpr size_t kCountOffset = 12;
constexpr size_t kChecksumOffset = 24;

std::vector<std::byte> save(const KvCache& cache, const PrefixCache& prefixes) {
  std::vector<std::byte> state(static_cast<size_t>(saved_state_size(cache, prefixes)));
  save_state(kModel, cache, prefixes, state);
  return state;
}

void try_state(std::span<const std::byte> input, KvCache& cache) {
  PrefixCache prefixes(cache);
  std::vector<std::byte> state = save(cache, prefixes);
  const size_t header = state.size();
  std::memcpy(state.data() + kCountOffset, input.data(), sizeof(uint32_t));
  state.insert(state.end(), input.begin() + sizeof(uint32_t), input.end());
  const uint64_t checksum =
      hash_text({reinterpret_cast<const char*>(state.data()) + header, state.size() - header}, 0);
  std::memcpy(state.data() + kChecksumOffset, &checksum, sizeof(checksum));

  if (!restore_state(kModel, state, cache, prefixes).ok()) {
    require(cache.free_pages() == kPages && prefixes.entries().empty());
    return;
  }
  const std::vector<std::byte> again = save(cache, prefixes);
  require(restore_state(kModel, again, cache, prefixes).ok());
  require(save(cache, prefixes) == again);
}

}  // namespace
}  // namespace hearth

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hearth;
  if (size < sizeof(uint32_t)) return 0;
  static const std::unique_ptr<Backend> backend = std::move(make_cpu_backend({1, ""})).value();
  ModelSpec spec;
  spec.n_layer = 1;
  spec.n_head_kv = 1;
  spec.key_dimension = spec.value_dimension = 1;
  const auto cache =
      std::move(KvCache::create(*backend, spec, int64_t{kPages} * kPagePositions, BlockType::kF32)).value();
  try_state(std::as_bytes(std::span(data, size)), *cache);
  require(cache->free_pages() == kPages);
  return 0;
}
