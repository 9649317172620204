// Many generations on one model: every step runs one batch that mixes pieces of prompts with the next token
// of answers (continuous batching; Yu et al. 2022, Orca).
//
// A generation's tokens do not depend on what else is in the batch, on how its prompt was cut, or on having
// been put back: the backend sums in a fixed order. Not thread-safe: one thread at a time uses a Scheduler
// and the events of its generations; only activity, Generation::cancel and hold work from any.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/grammar/grammar_cache.h"
#include "engine/model/forward.h"
#include "engine/model/states.h"
#include "engine/options/load_options.h"
#include "engine/runtime/activity.h"
#include "engine/runtime/adapters.h"
#include "engine/runtime/diffusion_writer.h"
#include "engine/runtime/embedder.h"
#include "engine/runtime/generation.h"
#include "engine/runtime/generation_queue.h"
#include "engine/runtime/model.h"
#include "engine/runtime/prefix_tree.h"
#include "engine/runtime/saved_state.h"
#include "engine/runtime/speculator.h"
#include "engine/runtime/step_outputs.h"
#include "engine/runtime/step_pace.h"
#include "engine/runtime/step_plan.h"

namespace hearth {

class Scheduler {
 public:
  /// `model` must outlive it, and so must `draft`, a smaller one of the same vocabulary that speculation
  /// uses. Numbers are as the tables of options allow them, here and in requests. INVALID_ARGUMENT for
  /// cache_positions below context_size, or a draft of another vocabulary; OUT_OF_MEMORY.
  static Result<std::unique_ptr<Scheduler>> create(const Model& model, const LoadOptions& options,
                                                   const Model* draft = nullptr);
  /// Generations still going end with DISPOSED.
  ~Scheduler();

  int32_t context_size() const { return options_.context_size; }
  /// That run at once.
  int32_t max_sequences() const { return options_.max_sequences; }
  /// Of keys and values, and of states of one size.
  uint64_t cache_bytes() const { return states_->cache_bytes(); }
  /// Of the draft model's; 0 where there is none.
  uint64_t draft_cache_bytes() const { return speculator_.cache_bytes(); }

  /// INVALID_ARGUMENT for a request without meaning; CONTEXT_OVERFLOW for a prompt that leaves no room for an
  /// answer.
  Result<std::shared_ptr<Generation>> submit(GenerationRequest request);

  /// Those at hand, which requests choose by number.
  Adapters& adapters() { return adapters_; }
  /// From now on these are added where a request names none, and where texts are run for logits and
  /// embeddings. NOT_FOUND for a number that no adapter has.
  Result<void> use_adapters(std::span<const AdapterChoice> choices);

  /// From now on computes through `device`, which passes on to the model's own what it is asked for.
  void compute_through(std::unique_ptr<Backend> device);

  /// Moves the model to another device, by Model::change_device: on the CPU, or on one like that it had.
  using ChangeDevice =
      std::function<Result<void>(bool to_cpu, const std::function<Result<void>(Backend& next)>& move)>;
  /// From now on a device that is lost ends nothing: generations go on from the tokens that they have, and
  /// logits and vectors are computed again, the first time on one like it, then on the CPU. The generations'
  /// next events warn of that. A draft model stays where it is, and is left out when its own device is lost.
  void change_device_with(ChangeDevice change) { change_device_ = std::move(change); }

  /// Runs one batch for the generations that are going. False when none is left but those that are held.
  bool step();

  /// The same in two halves, for callers that must not wait for a device: begins a batch, unless
  /// one is going on.
  void begin_step();
  /// Whether the batch is done; then its generations have their tokens. True where none was begun.
  bool step_ready();
  /// Whether generations are left, other than those that are held.
  bool is_busy() const { return queue_.is_busy(); }

  /// As of the last step. From any thread.
  Activity activity() const;

  /// Ends every generation with `error`.
  void fail_all(const Error& error);

  /// What generations have read: all without a salt, or what is kept of one text under a salt.
  KeptTexts kept_texts() const { return prefixes_.texts(); }
  KeptTexts kept_text(std::span<const TokenId> tokens, std::string_view salt) const;
  void forget_text(std::span<const TokenId> tokens, std::string_view salt);
  /// The same for another run of the model (saved_state.h), in which it is found under the salt.
  uint64_t saved_state_size(const KeptTexts& texts) const {
    return hearth::saved_state_size(*states_, texts);
  }
  Result<void> save_state(const KeptTexts& texts, std::span<std::byte> state) const;
  Result<void> restore_state(std::span<const std::byte> state, std::string_view salt = "");

  /// Called with the logits that follow the token at `position`; returning false ends with ABORTED.
  using LogitsVisitor = std::function<bool(size_t position, std::span<const float> logits)>;
  /// Runs `tokens` as a sequence of their own and visits the logits of every position from `first` on.
  /// INVALID_MODEL where they are no finite numbers. An encoder-decoder reads those before `first` as a text,
  /// and those from there on are its answer; UNSUPPORTED where there is no such text.
  Result<void> logits(std::span<const TokenId> tokens, size_t first, const LogitsVisitor& visit);

  /// The texts' vectors (embedder.h). CONTEXT_OVERFLOW naming the text that is too long.
  Result<Embeddings> embed(TokenisedTexts texts, const EmbeddingOptions& options,
                           const PartOfTexts& part = {});

 private:
  Scheduler(const Model& model, const LoadOptions& options, std::unique_ptr<StateStore> states,
            std::unique_ptr<DraftModel> draft_model);

  Result<void> check_known(std::span<const TokenId> tokens) const;
  Result<void> check_tokens(std::span<const TokenId> tokens) const;
  Result<void> check_answers() const;
  void drop_cancelled();
  void begin_planned();
  Result<void> begin(const StepPlan& planned);
  void end_step();
  void take_tokens();
  Backend& device() const { return device_ != nullptr ? *device_ : model_.backend(); }
  Result<void> leave_device(const Error& lost);
  /// What computes beside generations: again, from its beginning, when the device was lost meanwhile.
  Result<void> compute_alone(const std::function<Result<void>()>& compute);
  bool is_writing() const { return writer_ && writer_->is_writing(); }
  void take_canvases();
  bool take_member(const StepPlan::Member& member);
  /// How the answer ends with a token that was sampled, if it does.
  struct Ending {
    FinishReason reason = FinishReason::kNone;
    std::optional<Error> error;
  };
  std::optional<Ending> take_draft(Generation& generation, size_t first_output);
  std::optional<Ending> sample(Generation& generation, size_t output);
  /// The grammar that the request asks for; null where its answer is free.
  Result<std::shared_ptr<TokenGrammar>> grammar_of(const GenerationRequest& request);
  /// What reads a conversation's answer, with the grammars that parts of it are held to.
  struct ReadAnswer {
    std::unique_ptr<AnswerReader> reader;  // none where the answer is only text
    CallGrammars calls;
  };
  /// Appends to the prompt what the answer must begin with.
  Result<ReadAnswer> reader_of(GenerationRequest& request);
  void finish(Generation& generation, FinishReason reason, std::optional<Error> error = std::nullopt);
  void count(Generation& generation);
  void publish_activity();
  /// Runs tokens outside of any generation, a batch at a time; `take` gets each batch's rows and where they
  /// begin.
  using TakeRows = std::function<Result<void>(const Rows& rows, size_t first)>;
  Result<void> run_alone(std::span<const TokenId> tokens, size_t first_output, const TakeRows& take);

  const Model& model_;
  LoadOptions options_;
  GrammarCache grammars_;
  Adapters adapters_;
  std::shared_ptr<const AdapterSet> used_adapters_;
  std::unique_ptr<StateStore> states_;
  std::unique_ptr<Backend> device_;  // that forward_ goes through, if it is not the model's own
  ChangeDevice change_device_;
  int32_t devices_left_ = 0;
  std::unique_ptr<Forward> forward_;
  PrefixTree prefixes_;
  GenerationQueue queue_;
  Speculator speculator_;
  std::optional<DiffusionWriter> writer_;           // of a model that writes so
  std::optional<StepPlan> flight_;                  // the step that was begun, with those that it still owes
  Result<void> begun_;                              // how,
  std::chrono::steady_clock::time_point begun_at_;  // and when
  StepPace pace_;
  StepOutputs outputs_;
  Activity counted_;
  mutable std::mutex published_mutex_;
  Activity published_;
};

}  // namespace hearth
