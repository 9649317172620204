// The C interface over Scheduler: generations, state, logits and embeddings.
#include <cstdlib>

#include "engine/hearth.h"
#include "engine/hearth_internal.h"
#include "engine/hearth_options.h"
#include "engine/runtime/event_json.h"

namespace hearth {
namespace {

GenerationOptions defaults_of(const hearth_model* model) {
  return model == nullptr ? GenerationOptions() : model->model->recommended_options();
}

hearth_event event_of(const GenerationEvent& from, const std::string& json, uint64_t seed) {
  hearth_event event{};
  event.seed = seed;
  event.json = json.c_str();
  event.present = 1;
  event.text = from.text.c_str();
  event.text_size = from.text.size();
  event.finish = static_cast<hearth_finish_reason>(from.finish);
  event.error = from.error ? status_of(from.error->code) : HEARTH_OK;
  event.error_message = from.error ? from.error->message.c_str() : "";
  event.prompt_tokens = from.usage.prompt_tokens;
  event.cached_tokens = from.usage.cached_tokens;
  event.completion_tokens = from.usage.completion_tokens;
  event.queued_ms = from.timings.queued_ms;
  event.prefill_ms = from.timings.prefill_ms;
  event.decode_ms = from.timings.decode_ms;
  return event;
}

Result<void> check_size(size_t given, size_t expected, const char* name) {
  if (given == expected) return {};
  return invalid(fmt::format("{} has room for {} values; {} are needed", name, given, expected));
}

/// Runs a part of a step, after checking that every one of `pointers` is there.
template <typename Step>
hearth_status guarded_step(hearth_model* model, std::initializer_list<const void*> pointers,
                           const Step& step) {
  const hearth_status checked = guarded([&]() -> Result<void> {
    for (const void* pointer : pointers) HEARTH_TRY(require(pointer, "the model, or an output,"));
    return {};
  });
  if (checked != HEARTH_OK) return checked;
  const hearth_status status = guarded([&]() -> Result<void> {
    step();
    return {};
  });
  if (status != HEARTH_OK) {
    // An exception in the middle of a step leaves no generation in a state to go on.
    (void)guarded([&]() -> Result<void> {
      model->scheduler->fail_all({static_cast<ErrorCode>(status - 1), "the step that ran it failed"});
      return {};
    });
  }
  return status;
}

}  // namespace

Result<hearth_bytes> saved_texts(const Scheduler& scheduler, const KeptTexts& texts) {
  const uint64_t size = scheduler.saved_state_size(texts);
  auto* data = size > SIZE_MAX ? nullptr : static_cast<uint8_t*>(std::malloc(static_cast<size_t>(size)));
  if (data == nullptr) {
    return Error{ErrorCode::kOutOfMemory, fmt::format("no memory for a state of {} bytes", size)};
  }
  hearth_bytes state{data, static_cast<size_t>(size)};
  const Result<void> saved = scheduler.save_state(texts, std::as_writable_bytes(std::span(data, state.size)));
  if (saved.ok()) return state;
  hearth_bytes_free(&state);
  return saved.error();
}

}  // namespace hearth

using hearth::ErrorCode;
using hearth::guarded;
using hearth::Result;

extern "C" {

void hearth_generation_options_init(const hearth_model* model, hearth_generation_options* options,
                                    size_t struct_size) {
  if (options == nullptr) return;
  (void)guarded([&]() -> Result<void> {
    hearth::hand_out(hearth::plain(hearth::defaults_of(model)), options, struct_size);
    return {};
  });
}

const char* hearth_finish_reason_name(hearth_finish_reason reason) {
  return hearth::finish_reason_name(static_cast<hearth::FinishReason>(reason)).data();
}

hearth_status hearth_generation_create(hearth_model* model, const int32_t* tokens, size_t count,
                                       const hearth_generation_options* options,
                                       hearth_generation** generation) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(hearth::require(model, "the model"));
    HEARTH_TRY(hearth::require(generation, "the output"));
    HEARTH_ASSIGN(const auto prompt, hearth::as_span(tokens, count, "the tokens"));
    hearth::GenerationRequest request;
    HEARTH_ASSIGN(static_cast<hearth::GenerationOptions&>(request),
                  hearth::read_options(options, hearth::defaults_of(model)));
    request.prompt.assign(prompt.begin(), prompt.end());
    auto made = std::make_unique<hearth_generation>();
    HEARTH_ASSIGN(made->generation, model->scheduler->submit(std::move(request)));
    *generation = made.release();
    return {};
  });
}

hearth_status hearth_model_step(hearth_model* model, int* busy) {
  return hearth::guarded_step(model, {model, busy}, [&] { *busy = model->scheduler->step() ? 1 : 0; });
}

hearth_status hearth_model_step_begin(hearth_model* model) {
  return hearth::guarded_step(model, {model}, [&] { model->scheduler->begin_step(); });
}

hearth_status hearth_model_step_ready(hearth_model* model, int* ready, int* busy) {
  return hearth::guarded_step(model, {model, ready, busy}, [&] {
    *ready = model->scheduler->step_ready() ? 1 : 0;
    *busy = *ready == 0 || model->scheduler->is_busy() ? 1 : 0;
  });
}

hearth_status hearth_generation_next(hearth_generation* generation, hearth_event* event) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(hearth::require(generation, "the generation"));
    HEARTH_TRY(hearth::require(event, "the output"));
    HEARTH_TRY(hearth::check_struct_size(event->struct_size, "hearth_event"));
    auto next = generation->generation->next();
    hearth_event found{};
    if (next) {
      generation->event = std::move(*next);
      const nlohmann::ordered_json more = hearth::event_json(generation->event);
      generation->json = more.empty() ? "" : hearth::to_text(more);
      found = hearth::event_of(generation->event, generation->json, generation->generation->seed());
    }
    hearth::hand_out(found, event, event->struct_size);
    return {};
  });
}

void hearth_generation_cancel(hearth_generation* generation) {
  if (generation != nullptr) generation->generation->cancel();
}

void hearth_generation_hold(hearth_generation* generation, int held) {
  if (generation != nullptr) generation->generation->hold(held != 0);
}

void hearth_generation_free(hearth_generation* generation) {
  hearth_generation_cancel(generation);
  delete generation;
}

hearth_status hearth_model_save_state(hearth_model* model, hearth_bytes* state) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(hearth::require(model, "the model"));
    HEARTH_TRY(hearth::require(state, "the output"));
    HEARTH_ASSIGN(*state, hearth::saved_texts(*model->scheduler, model->scheduler->kept_texts()));
    return {};
  });
}

hearth_status hearth_model_restore_state(hearth_model* model, const uint8_t* state, size_t size) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(hearth::require(model, "the model"));
    HEARTH_ASSIGN(const auto bytes, hearth::as_span(state, size, "the state"));
    return model->scheduler->restore_state(std::as_bytes(bytes));
  });
}

hearth_status hearth_logits(hearth_model* model, const int32_t* tokens, size_t count, size_t first,
                            float* logits, size_t logits_count) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(hearth::require(model, "the model"));
    HEARTH_TRY(hearth::require(logits, "the output"));
    HEARTH_ASSIGN(const auto ids, hearth::as_span(tokens, count, "the tokens"));
    if (first > count) return hearth::invalid("the first position is past the last token");
    const auto n_vocab = static_cast<size_t>(model->model->spec().n_vocab());
    HEARTH_TRY(hearth::check_size(logits_count, (count - first) * n_vocab, "the output"));
    return model->scheduler->logits(ids, first, [&](size_t position, std::span<const float> row) {
      std::copy(row.begin(), row.end(), logits + (position - first) * n_vocab);
      return true;
    });
  });
}

hearth_status hearth_embed(hearth_model* model, const int32_t* tokens, size_t count, hearth_pooling pooling,
                           float* embedding, size_t embedding_count) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(hearth::require(model, "the model"));
    HEARTH_TRY(hearth::require(embedding, "the output"));
    HEARTH_ASSIGN(const auto ids, hearth::as_span(tokens, count, "the tokens"));
    HEARTH_TRY(hearth::check_size(embedding_count, static_cast<size_t>(model->model->spec().n_embd()),
                                  "the output"));
    hearth::EmbeddingOptions options;
    options.pooling = pooling == HEARTH_POOLING_LAST ? "last" : "mean";
    const std::vector<int32_t> text(ids.begin(), ids.end());
    HEARTH_ASSIGN(const hearth::Embeddings made, model->scheduler->embed({&text, 1}, options));
    std::ranges::copy(made.values, embedding);
    return {};
  });
}

}  // extern "C"
