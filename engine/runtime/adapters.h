// The adapters that a model has at hand, by number.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/byte_source.h"
#include "engine/base/result.h"
#include "engine/model/adapter_set.h"
#include "engine/options/generation_options.h"
#include "engine/runtime/model.h"

namespace hearth {

class Adapters {
 public:
  explicit Adapters(const Model& model) : model_(model) {}

  /// The number that requests choose it by. Fails as Adapter::load and Gguf::parse do. The source stays as
  /// long as the adapter does, but for the CPU's, which is never lost.
  Result<int32_t> load(std::shared_ptr<const ByteSource> source);
  /// Requests that go on with it keep it. NOT_FOUND.
  Result<void> unload(int32_t id);

  /// nullptr for none. NOT_FOUND for a number that no adapter has.
  Result<std::shared_ptr<const AdapterSet>> choose(std::span<const AdapterChoice> choices) const;

  /// All that are at hand or that requests go on with, once more on another device. Fails as `load` does.
  struct Copies {
    std::vector<std::shared_ptr<Adapter>> adapters;
    std::vector<std::shared_ptr<Adapter>> copies;  // of each
  };
  Result<Copies> copies_on(Backend& device) const;
  /// From now on they are there, for all that have them.
  static void move_to(const Copies& copies);

 private:
  Result<std::shared_ptr<const Adapter>> find(int32_t id) const;

  Result<std::shared_ptr<Adapter>> read(std::shared_ptr<const ByteSource> source, Backend& device) const;

  struct Origin {
    std::weak_ptr<Adapter> adapter;
    std::shared_ptr<const ByteSource> source;
  };

  const Model& model_;
  std::map<int32_t, std::shared_ptr<Adapter>> loaded_;
  std::vector<Origin> origins_;  // of all that may still be in use
  int32_t last_id_ = 0;
};

}  // namespace hearth
