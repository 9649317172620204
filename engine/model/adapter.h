// Low-rank adapters (LoRA, Hu et al. 2021): what training has added to a model's matrices, each as the
// product of two narrow ones. A row x that went through W goes through W + scale * alpha / rank * B A
// besides, and no weight is changed: each request may choose others.
//
// In a GGUF file (general.type "adapter", adapter.type "lora") the matrix `name` has the tensors
// `name`.lora_a, [rank, columns], and `name`.lora_b, [rows, rank]; the matrices of experts, stored one after
// the other, have their pairs so, too. Those of the token embedding are looked up: its lora_a is
// [tokens, rank].
//
// Where adapter.alora.invocation_tokens names tokens, the adapter is one that these activate (aLoRA,
// Greenewald et al. 2025): rows before the last place where a prompt has them are as the model alone computes
// them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/compute/backend.h"
#include "engine/format/gguf.h"
#include "engine/model/weights.h"

namespace hearth {

/// What is added to one matrix.
struct LowRankPair {
  Weight down;         // A; of the embedding a row per token
  Weight up;           // B
  float scale;         // alpha / rank, or 1 where the file has no alpha
  bool of_embeddings;  // is looked up, not multiplied with
};

class Adapter {
 public:
  /// Takes the adapter into the device's memory, which must outlive it. `file` is not needed afterwards.
  /// INVALID_MODEL for a file that is none; INVALID_ARGUMENT for one of another model, naming the tensor;
  /// UNSUPPORTED_MODEL for what Hearth does not know of; IO; OUT_OF_MEMORY.
  static Result<std::shared_ptr<Adapter>> load(const Gguf& file, std::string_view architecture,
                                               const std::map<std::string, NamedMatrix>& matrices,
                                               Backend& backend);
  ~Adapter();
  Adapter(const Adapter&) = delete;
  Adapter& operator=(const Adapter&) = delete;

  /// Is in the memory where `copy`, the same adapter, was, which goes with what this one had.
  void move_to_place_of(Adapter& copy);

  /// nullptr where it adds nothing.
  const LowRankPair* find(const Weight& weight) const;
  /// The tokens that activate it; empty: it is from the first row on.
  std::span<const int32_t> invocation_tokens() const { return invocation_tokens_; }

 private:
  explicit Adapter(Backend& backend) : backend_(&backend) {}

  Backend* backend_;
  std::vector<Buffer> memory_;
  std::map<int32_t, LowRankPair> pairs_;  // by Weight::matrix
  std::vector<int32_t> invocation_tokens_;

  friend class AdapterReader;
};

}  // namespace hearth
