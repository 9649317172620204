#include "engine/runtime/diffusion_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace hearth {
namespace {

/// Tokens of a canvas where no limit is given (LLaDA's generate.py); where the answer does not end in it,
/// another one follows.
constexpr int32_t kCanvasLength = 128;

/// The first option that needs tokens to come one after the other; empty where there is none.
std::string_view in_order_option(const GenerationRequest& request) {
  const std::pair<bool, std::string_view> options[] = {
      {!request.grammar.empty(), "grammar"},
      {!request.regex.empty(), "regex"},
      {!request.choices.empty(), "choices"},
      {!request.json_schema.empty(), "jsonSchema"},
      {request.reasoning_budget > 0, "reasoningBudget"},
      {request.keep_tokens >= 0, "keepTokens"},
      {request.speculation == "lookup" || request.speculation == "draft", "speculation"},
      {request.mirostat > 0, "mirostat"},
      {request.repetition_penalty != 1.0F, "repetitionPenalty"},
      {request.frequency_penalty != 0.0F, "frequencyPenalty"},
      {request.presence_penalty != 0.0F, "presencePenalty"},
      {request.dry_multiplier > 0.0F, "dryMultiplier"},
  };
  const auto* const found = std::ranges::find(options, true, &std::pair<bool, std::string_view>::first);
  return found == std::end(options) ? std::string_view() : found->second;
}

Reveal reveal_of(const DiffusionSpec& spec, std::string_view name) {
  constexpr Reveal kNamed[] = {Reveal::kConfidence, Reveal::kEntropy, Reveal::kMargin, Reveal::kRandom};
  const auto index = std::ranges::find(kDiffusionAlgorithms, name) - std::begin(kDiffusionAlgorithms);
  return index == 0 ? spec.reveal : kNamed[index - 1];
}

Error needs_order(const Model& model, std::string_view what) {
  return {ErrorCode::kUnsupported,
          fmt::format("{} needs tokens one after the other, and a model of the architecture '{}' writes by "
                      "diffusion, in any order; leave it out",
                      what, model.spec().architecture)};
}

}  // namespace

Result<CallGrammars> free_calls(const Model& model, const AnswerReader& reader) {
  if (reader.must_call()) return needs_order(model, "the option toolChoice that asks for a call");
  CallGrammars calls;
  for (const ToolToCall& tool : reader.tools()) {
    if (tool.is_strict) return needs_order(model, fmt::format("the tool '{}' is strict, which", tool.name));
    calls.warnings.push_back(
        fmt::format("the arguments of '{}' are not held to their schema: the model writes by diffusion, and "
                    "grammars hold tokens that come one after the other",
                    tool.name));
  }
  return calls;
}

Result<void> refuse_canvas_options(const Model& model, const GenerationRequest& request) {
  const bool asks = request.diffusion_steps > 0 || request.diffusion_block_length > 0 ||
                    request.diffusion_algorithm != kDiffusionAlgorithms[0];
  if (!asks) return {};
  return Error{
      ErrorCode::kUnsupported,
      fmt::format("the options diffusionSteps, diffusionBlockLength and diffusionAlgorithm are for "
                  "models that write by diffusion, which one of the architecture '{}' does not; leave "
                  "them out",
                  model.spec().architecture)};
}

Result<CanvasPlan> plan_canvas(const Model& model, const GenerationRequest& request, int32_t context_size) {
  const DiffusionSpec& spec = *model.spec().diffusion;
  const std::string_view option = in_order_option(request);
  if (!option.empty()) return needs_order(model, fmt::format("the option {}", option));
  CanvasPlan plan;
  plan.mask = model.tokenizer().special().mask;
  if (plan.mask == kNoToken) {
    return Error{ErrorCode::kInvalidModel,
                 "the file names no token for what is to be written (key 'tokenizer.ggml.mask_token_id'); "
                 "convert the model anew"};
  }
  plan.steps = request.diffusion_steps;
  plan.reveal = reveal_of(spec, request.diffusion_algorithm);
  plan.block_length = request.diffusion_block_length > 0 ? request.diffusion_block_length : spec.block_length;
  const int64_t wanted = request.max_tokens > 0 ? request.max_tokens : kCanvasLength;
  const int64_t block = std::max(plan.block_length, 1);
  const int64_t whole_blocks = (wanted + block - 1) / block * block;
  const int64_t room = context_size - std::ssize(request.prompt);
  plan.length = static_cast<int32_t>(std::min(whole_blocks, room));
  return plan;
}

void DiffusionWriter::begin(GenerationQueue& queue, Forward& forward) {
  plan(queue);
  if (members_.empty() || !begun_.ok()) return;
  Batch batch = rows_.batch();
  batch.is_unwanted = [this] {
    return std::ranges::all_of(members_, [](const Outcome& each) { return each.generation->cancelled(); });
  };
  begun_ = row_logits_.begin(forward, batch);
  if (!begun_.ok() && begun_.error().code == ErrorCode::kAborted) members_.clear();
}

void DiffusionWriter::plan(GenerationQueue& queue) {
  rows_ = {};
  masks_.clear();
  begun_ = {};
  ++step_;
  for (const Member& generation : in_turn(queue)) {
    const size_t rows = generation->canvas()->tokens().size();
    if (!members_.empty() && rows_.tokens.size() + rows > max_rows_) continue;
    queue.make_room_beside(pages_for(static_cast<int64_t>(rows)), false);
    const Result<void> added = add(generation);
    if (!added.ok() && !members_.empty()) continue;  // its turn comes
    members_.push_back({generation, {}});
    begun_ = added;
    if (!added.ok()) return;
  }
}

std::vector<DiffusionWriter::Member> DiffusionWriter::in_turn(const GenerationQueue& queue) const {
  const auto comes_before = [](const Member& a, const Member& b) {
    if (a->priority() != b->priority()) return a->priority() > b->priority();
    return a->canvas()->last_step() < b->canvas()->last_step();
  };
  std::vector<Member> members;
  for (const Member& each : queue.running()) {
    members.insert(std::upper_bound(members.begin(), members.end(), each, comes_before), each);
  }
  return members;
}

Result<void> DiffusionWriter::add(const Member& generation) {
  Canvas& canvas = *generation->canvas();
  SequenceState& state = generation->state();
  const auto count = static_cast<int32_t>(canvas.tokens().size());
  state.truncate(0);
  HEARTH_TRY(state.extend(count));
  const auto first_row = static_cast<int32_t>(rows_.tokens.size());
  rows_.add(canvas.tokens(), state, count, 0, {}, generation->adapters());
  const int32_t shift = model_.spec().diffusion->shift_logits ? 1 : 0;
  for (const int32_t position : canvas.masks()) {
    rows_.outputs.push_back(first_row + position - shift);
    masks_.push_back({members_.size(), position});
  }
  canvas.set_last_step(step_);
  return {};
}

bool DiffusionWriter::is_ready(const Forward& forward) {
  if (!begun_.ok()) return true;
  const Result<bool> ready = forward.device().ready();
  if (ready.ok()) return *ready;
  begun_ = ready.error();
  return true;
}

std::vector<DiffusionWriter::Outcome> DiffusionWriter::end(Forward& forward) {
  if (begun_.ok()) begun_ = forward.device().wait();
  if (begun_.ok()) begun_ = guess(forward);
  for (Outcome& member : members_) {
    if (!begun_.ok()) {
      member.generation->drop_guesses();
      member.result = begun_;
    }
    if (member.result.ok()) member.generation->canvas()->reveal();
  }
  return std::exchange(members_, {});
}

/// What is wrong with one generation's logits is no matter of the others.
Result<void> DiffusionWriter::guess(Forward& forward) {
  return row_logits_.visit(forward, rows_.batch(),
                           [&](size_t output, std::span<float> logits) -> Result<void> {
                             const Mask& mask = masks_[output];
                             Outcome& member = members_[mask.member];
                             if (member.result.ok()) {
                               member.result = member.generation->guess(mask.position, logits);
                             }
                             return {};
                           });
}

}  // namespace hearth
