// A smaller model of the same vocabulary that drafts what a larger one then checks, all rows of a draft in
// one batch (speculative decoding; Leviathan et al. 2023).
//
// It drafts greedily, for all generations together: round after round one token for each that wants more. Not
// thread-safe; driven by the Scheduler whose generations it drafts for.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/model/forward.h"
#include "engine/model/states.h"
#include "engine/options/load_options.h"
#include "engine/runtime/generation.h"
#include "engine/runtime/model.h"
#include "engine/runtime/prefix_tree.h"
#include "engine/runtime/rows.h"
#include "engine/runtime/step_outputs.h"

namespace hearth {

class DraftModel {
 public:
  /// `model` must outlive it; `options` are those of the model that it drafts for, complete. INVALID_ARGUMENT
  /// naming what differs where the vocabularies do; OUT_OF_MEMORY.
  static Result<std::unique_ptr<DraftModel>> create(const Model& model, const Model& target,
                                                    const LoadOptions& options);

  /// Of its keys and values.
  uint64_t cache_bytes() const { return states_->cache_bytes(); }

  /// Whether its device was lost: then it drafts no more.
  bool is_lost() const { return is_lost_; }

  /// Begins to draft `count` tokens for a generation, once `begin_round` is called. It gets fewer, or none,
  /// where its text is still to be read or room is lacking.
  void ask(std::shared_ptr<Generation> generation, int32_t count);
  /// Begins a round for those that were asked for and want more; false when there is nothing left to do.
  bool begin_round();
  /// Whether the round is done, without waiting for it.
  bool round_ready();
  void wait_for_round();
  /// Ends the round that was begun and is done: hands out its tokens.
  void end_round();

  /// Keeps what was read of a generation that ends, for others that begin alike.
  void keep(const Generation& generation);

 private:
  struct Wish {
    std::shared_ptr<Generation> generation;
    int32_t count;
    int32_t rows = 0;  // of this round; the last gives the next token where `completes`
    bool completes = false;
  };

  DraftModel(const Model& model, const LoadOptions& options)
      : model_(model), options_(options), outputs_(model) {}

  bool add_rows(Wish& wish, int32_t share, Rows& rows);
  bool extend(SequenceState& state, int32_t count);

  const Model& model_;
  LoadOptions options_;
  int32_t vocabulary_ = 0;  // tokens that both models know
  std::unique_ptr<StateStore> states_;
  std::unique_ptr<Forward> forward_;
  std::unique_ptr<PrefixTree> prefixes_;
  std::vector<Wish> wishes_;
  Rows rows_;
  Result<void> begun_;
  StepOutputs outputs_;
  bool is_lost_ = false;
};

}  // namespace hearth
