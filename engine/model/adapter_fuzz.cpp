// Fuzzes the reader of adapters: whatever the bytes, they are refused, or become an adapter that a model
// computes with, which takes nothing from it where it is not asked for.
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "engine/compute/devices.h"
#include "engine/model/adapter_set.h"
#include "engine/model/forward.h"
#include "engine/model/tiny_model.h"
#include "engine/model/weights.h"

namespace hearth {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr int32_t kTokens[] = {1, 17, 39};

/// A layer with heads and two experts: matrices of every kind that adapters have.
testing::TinyModel tiny_mixture() {
  testing::TinyModel model;
  model.integers["block_count"] = 1;
  model.integers["expert_count"] = 2;
  model.integers["expert_used_count"] = 1;
  std::erase_if(model.tensors, [](const auto& tensor) {
    return tensor.first.starts_with("blk.1.") ||
           (tensor.first.starts_with("blk.0.ffn_") && !tensor.first.ends_with("norm.weight"));
  });
  model.tensors["blk.0.ffn_gate_inp.weight"] = {32, 2};
  model.tensors["blk.0.ffn_gate_exps.weight"] = {32, 64, 2};
  model.tensors["blk.0.ffn_up_exps.weight"] = {32, 64, 2};
  model.tensors["blk.0.ffn_down_exps.weight"] = {64, 32, 2};
  return model;
}

class Mixture {
 public:
  Mixture()
      : file_(std::move(tiny_mixture().open()).value()),
        spec_(std::move(read_model_spec(file_.metadata())).value()),
        backend_(std::move(make_backend({"", 1, ""})).value()),
        bound_(std::move(bind_network(file_, spec_, *backend_)).value()),
        states_(std::move(
                    StateStore::create(*backend_, bound_.network->states(), kPagePositions, BlockType::kF32))
                    .value()),
        forward_(*bound_.network, *bound_.weights, *states_, kPagePositions),
        bare_(logits(nullptr)) {}

  void try_adapter(std::span<const std::byte> bytes) {
    const auto file = Gguf::parse(borrow_memory(bytes));
    if (!file.ok()) return;
    const auto adapter = Adapter::load(*file, spec_.architecture, bound_.matrices, *backend_);
    if (!adapter.ok()) return;
    const auto whole = std::make_shared<AdapterSet>();
    whole->members.push_back({*adapter, 0.5F});
    const auto set = activated(whole, kTokens);
    require(logits(set.get()) == logits(set.get()));
    require(logits(nullptr) == bare_);
  }

 private:
  /// As bytes, which are equal also where numbers are none.
  std::vector<std::byte> logits(const AdapterSet* adapters) {
    const std::vector<int32_t> positions{0, 1, 2}, sequences{0, 0, 0};
    SequenceState state(*states_);
    require(state.extend(3).ok());
    const std::span<const int32_t> pages = state.pages();
    Batch batch{kTokens, {positions, sequences, {&pages, 1}}, positions};
    if (adapters != nullptr) batch.adapters = {&adapters, 1};
    std::vector<float> values(std::size(kTokens) * static_cast<size_t>(spec_.n_vocab()));
    require(forward_.begin_logits(batch, values).ok() && backend_->wait().ok());
    const auto bytes = std::as_bytes(std::span(values));
    return {bytes.begin(), bytes.end()};
  }

  ModelFile file_;
  ModelSpec spec_;
  std::unique_ptr<Backend> backend_;
  BoundNetwork bound_;
  std::unique_ptr<StateStore> states_;
  Forward forward_;
  std::vector<std::byte> bare_;
};

}  // namespace
}  // namespace hearth

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static hearth::Mixture model;
  model.try_adapter(std::as_bytes(std::span(data, size)));
  return 0;
}
