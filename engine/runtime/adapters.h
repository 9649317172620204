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

  /// The number that requests choose it by. Fails as Adapter::load and Gguf::parse do.
  Result<int32_t> load(std::shared_ptr<const ByteSource> source);
  bool empty() const { return loaded_.empty(); }
  /// Requests that go on with it keep it. NOT_FOUND.
  Result<void> unload(int32_t id);

  /// nullptr for none. NOT_FOUND for a number that no adapter has.
  Result<std::shared_ptr<const AdapterSet>> choose(std::span<const AdapterChoice> choices) const;

 private:
  Result<std::shared_ptr<const Adapter>> find(int32_t id) const;

  const Model& model_;
  std::map<int32_t, std::shared_ptr<const Adapter>> loaded_;
  int32_t last_id_ = 0;
};

}  // namespace hearth
