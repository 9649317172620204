// What the scheduler computes beside generations: the logits and the vectors of texts.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/runtime/row_logits.h"
#include "engine/runtime/scheduler.h"

namespace hearth {

Result<void> Scheduler::run_alone(std::span<const TokenId> tokens, size_t first_output,
                                  const TakeRows& take) {
  HEARTH_TRY(check_tokens(tokens));
  end_step();
  queue_.make_room_beside(pages_for(std::ssize(tokens)), true);
  const size_t source = model_.spec().is_encoder_decoder() ? first_output : 0;
  SequenceState sequence(*states_, static_cast<int32_t>(source));
  const std::shared_ptr<const AdapterSet> adapters = activated(used_adapters_, tokens);
  const bool is_whole = model_.spec().sees_both_ways();
  const size_t most_rows = is_whole ? tokens.size() : static_cast<size_t>(options_.max_batch_rows);
  const size_t most_outputs = most_logit_rows(model_.spec().n_vocab());
  for (size_t first = 0; first < tokens.size();) {
    size_t count = std::min(tokens.size() - first, most_rows);
    if (first < source) count = source;
    if (!is_whole && first + count > first_output) {
      const size_t silent = first_output > first ? first_output - first : 0;
      count = std::min(count, silent + most_outputs);
    }
    HEARTH_TRY(sequence.extend(static_cast<int32_t>(count)));
    Rows rows;
    const size_t outputs = std::min(count, first + count - std::min(first + count, first_output));
    rows.add(tokens, sequence, static_cast<int32_t>(count), static_cast<int32_t>(outputs), {},
             adapters.get());
    HEARTH_TRY(take(rows, first));
    first += count;
    counted_.prompt_tokens += count;
    publish_activity();
  }
  return {};
}

Result<void> Scheduler::logits(std::span<const TokenId> tokens, size_t first, const LogitsVisitor& visit) {
  HEARTH_TRY(check_answers());
  if (model_.spec().is_encoder_decoder() && (first == 0 || first >= tokens.size())) {
    return Error{ErrorCode::kUnsupported,
                 fmt::format("a model of the architecture '{}' reads a text as a whole and has logits of its "
                             "answer alone: of none of the text's tokens",
                             model_.spec().architecture)};
  }
  RowLogits row_logits(model_);
  size_t unvisited = first;
  const auto visit_rows = [&](const Rows& rows, size_t offset) -> Result<void> {
    HEARTH_TRY(row_logits.begin(*forward_, rows.batch()));
    HEARTH_TRY(device().wait());
    return row_logits.visit(
        *forward_, rows.batch(), [&](size_t output, std::span<float> logits) -> Result<void> {
          const size_t position = offset + static_cast<size_t>(rows.outputs[output]);
          if (position < unvisited) return {};  // before the device was lost
          unvisited = position + 1;
          HEARTH_TRY(require_finite(logits, "logits"));
          return visit(position, logits) ? Result<void>() : Error{ErrorCode::kAborted, "cancelled"};
        });
  };
  return compute_alone([&] { return run_alone(tokens, first, visit_rows); });
}

Result<Embeddings> Scheduler::embed(TokenisedTexts texts, const EmbeddingOptions& options,
                                    const PartOfTexts& part) {
  const size_t all = std::max(part.all, texts.size());
  for (size_t text = 0; text < texts.size(); ++text) {
    const Result<void> checked = check_tokens(texts[text]);
    if (checked.ok()) continue;
    if (all == 1) return checked.error();
    return Error{checked.error().code,
                 fmt::format("text {} of {}: {}", part.first + text + 1, all, checked.error().message)};
  }
  end_step();
  Embeddings embeddings;
  HEARTH_TRY(compute_alone([&]() -> Result<void> {
    Embedder embedder(model_, *forward_, *states_, used_adapters_, options_.max_batch_rows,
                      [this](int32_t pages, bool must) { queue_.make_room_beside(pages, must); });
    HEARTH_ASSIGN(embeddings, embedder.embed(texts, options));
    return {};
  }));
  for (const std::vector<TokenId>& text : texts) counted_.prompt_tokens += text.size();
  publish_activity();
  return embeddings;
}

}  // namespace hearth
