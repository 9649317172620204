#include "bindings/node/model.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/node/convert.h"
#include "bindings/node/engine_thread.h"
#include "bindings/node/generation.h"

namespace hearth::node {

struct ModelObject::State {
  explicit State(Napi::Env env) : instance(Instance::of(env)), loading(env) {}

  Instance& instance;
  std::weak_ptr<EngineThread> engine;  // the instance owns it, until it has ended
  Pending loading;
  KeptId progress = 0;
  std::vector<Pending> disposing;
};

namespace {

const Failure kDisposed{HEARTH_DISPOSED, "the model was closed"};
const Failure kAborted{HEARTH_ABORTED, "the model was closed while it was loading"};

/// Text that the C ABI hands out, as an outcome.
template <typename Give>
Outcome text_outcome(const Give& give) {
  hearth_text text{};
  const Failure failure = failure_of(give(&text));
  std::string copy(text.data == nullptr ? "" : text.data, text.size);
  hearth_text_free(&text);
  return {failure, [copy = std::move(copy)](Napi::Env env) { return Napi::String::New(env, copy); }};
}

template <typename Give>
Outcome tokens_outcome(const Give& give) {
  hearth_tokens tokens{};
  const Failure failure = failure_of(give(&tokens));
  std::vector<int32_t> copy(tokens.data, tokens.data + tokens.size);
  hearth_tokens_free(&tokens);
  return {failure, [copy = std::move(copy)](Napi::Env env) { return to_tokens(env, copy); }};
}

Outcome fitted_outcome(const hearth_model* model, const std::string& chat) {
  hearth_tokens tokens{};
  int32_t left_out = 0;
  const Failure failure =
      failure_of(hearth_chat_tokens_that_fit(model, chat.data(), chat.size(), &tokens, &left_out));
  std::vector<int32_t> copy(tokens.data, tokens.data + tokens.size);
  hearth_tokens_free(&tokens);
  return {failure, [copy = std::move(copy), left_out](Napi::Env env) {
            auto object = Napi::Object::New(env);
            object.Set("tokens", to_tokens(env, copy));
            object.Set("turnsLeftOut", left_out);
            return object;
          }};
}

Outcome statistics_outcome(const hearth_model* model) {
  hearth_model_statistics statistics{};
  statistics.struct_size = sizeof(statistics);
  const Failure failure = failure_of(hearth_model_get_statistics(model, &statistics));
  return {failure, [statistics](Napi::Env env) {
            auto object = Napi::Object::New(env);
            object.Set("layersResident", statistics.layers_resident);
            object.Set("bytesRead", static_cast<double>(statistics.bytes_read));
            object.Set("waitMs", statistics.wait_ms);
            return object;
          }};
}

Outcome embedding_outcome(hearth_model* model, const std::vector<int32_t>& tokens, hearth_pooling pooling) {
  hearth_model_info info{};
  info.struct_size = sizeof(info);
  if (const Failure failure = failure_of(hearth_model_get_info(model, &info))) return {failure, nullptr};
  std::vector<float> values(static_cast<size_t>(info.embedding_length));
  const Failure failure =
      failure_of(hearth_embed(model, tokens.data(), tokens.size(), pooling, values.data(), values.size()));
  return {failure, [values = std::move(values)](Napi::Env env) {
            auto array = Napi::Float32Array::New(env, values.size());
            std::copy(values.begin(), values.end(), array.Data());
            return array;
          }};
}

Outcome state_outcome(hearth_model* model) {
  const std::shared_ptr<hearth_bytes> bytes(new hearth_bytes{}, [](hearth_bytes* owned) {
    hearth_bytes_free(owned);
    delete owned;
  });
  const Failure failure = failure_of(hearth_model_save_state(model, bytes.get()));
  return {failure, [bytes](Napi::Env env) {
            // JavaScript takes the memory over; Electron, which allows no such buffers, gets a copy.
            const hearth_bytes taken = std::exchange(*bytes, {});
            return Napi::Buffer<uint8_t>::NewOrCopy(env, taken.data, taken.size,
                                                    [](Napi::Env, uint8_t* data) {
                                                      hearth_bytes owned{data, 0};
                                                      hearth_bytes_free(&owned);
                                                    });
          }};
}

}  // namespace

Napi::Function ModelObject::define(Napi::Env env) {
  return DefineClass(
      env, "Model",
      {InstanceMethod<&ModelObject::info>("info"), InstanceMethod<&ModelObject::metadata>("metadata"),
       InstanceMethod<&ModelObject::statistics>("statistics"),
       InstanceMethod<&ModelObject::tokenize>("tokenize"),
       InstanceMethod<&ModelObject::detokenize>("detokenize"),
       InstanceMethod<&ModelObject::apply_chat_template>("applyChatTemplate"),
       InstanceMethod<&ModelObject::chat_tokens>("chatTokens"),
       InstanceMethod<&ModelObject::chat_tokens_that_fit>("chatTokensThatFit"),
       InstanceMethod<&ModelObject::embed>("embed"), InstanceMethod<&ModelObject::save_state>("saveState"),
       InstanceMethod<&ModelObject::restore_state>("restoreState"),
       InstanceMethod<&ModelObject::generate>("generate"), InstanceMethod<&ModelObject::dispose>("dispose")});
}

// new Model(source, options as JSON, onProgress): begins to load; `ready` is a promise.
ModelObject::ModelObject(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<ModelObject>(info), state_(std::make_shared<State>(info.Env())) {
  const auto state = state_;
  const auto source = info[0].As<Napi::Object>();
  state->progress = state->instance.keep(info[2].As<Napi::Function>());
  info.This().As<Napi::Object>().Set("ready", state->loading.promise(info.Env()));

  EngineThread::Callbacks callbacks;
  callbacks.progress = [state](hearth_load_stage stage, uint64_t done, uint64_t total) {
    state->instance.main_thread.post([state, stage, done, total](Napi::Env env) {
      state->instance.call(state->progress, {Napi::String::New(env, stage_name(stage)),
                                             Napi::Number::New(env, static_cast<double>(done)),
                                             Napi::Number::New(env, static_cast<double>(total))});
    });
  };
  callbacks.loaded = [state](const Failure& failure) {
    state->instance.main_thread.post([state, failure](Napi::Env env) {
      // Who disposed of it before hearing that it is ready shall not hear that any more.
      const bool was_disposed = !failure && !state->disposing.empty();
      state->loading.settle(env, {was_disposed ? kAborted : failure, nullptr});
    });
  };
  callbacks.ended = [state] {
    state->instance.main_thread.post([state](Napi::Env env) {
      state->instance.forget(state->progress);
      state->instance.forget(state->engine.lock().get());
      for (const Pending& disposal : state->disposing) disposal.settle(env, {});
    });
  };
  const auto engine =
      std::make_shared<EngineThread>(load_request(source, info[1].ToString()), std::move(callbacks));
  if (const Failure failure = state->instance.start(engine, source)) {
    state->instance.forget(state->progress);
    state->loading.settle(info.Env(), {failure, nullptr});
    return;
  }
  state->engine = engine;
}

ModelObject::~ModelObject() {
  if (const auto engine = state_->engine.lock()) engine->stop();
}

Napi::Value ModelObject::info(const Napi::CallbackInfo& info) {
  return Reader::start(info.Env(), state_->engine.lock(), [](const hearth_model* model) {
    return text_outcome([&](hearth_text* json) { return hearth_model_info_json(model, json); });
  });
}

// metadata(maxElements): arrays longer than that are cut.
Napi::Value ModelObject::metadata(const Napi::CallbackInfo& info) {
  const auto most = static_cast<uint64_t>(info[0].ToNumber().Int64Value());
  return Reader::start(info.Env(), state_->engine.lock(), [most](const hearth_model* model) {
    return text_outcome([&](hearth_text* json) { return hearth_model_metadata_json(model, most, json); });
  });
}

Napi::Value ModelObject::statistics(const Napi::CallbackInfo& info) {
  return Reader::start(info.Env(), state_->engine.lock(), statistics_outcome);
}

// tokenize(text, addSpecial, parseSpecial)
Napi::Value ModelObject::tokenize(const Napi::CallbackInfo& info) {
  return Reader::start(info.Env(), state_->engine.lock(),
                       [text = info[0].ToString().Utf8Value(), add_special = info[1].ToBoolean().Value(),
                        parse_special = info[2].ToBoolean().Value()](const hearth_model* model) {
                         return tokens_outcome([&](hearth_tokens* tokens) {
                           return hearth_tokenize(model, text.data(), text.size(), add_special ? 1 : 0,
                                                  parse_special ? 1 : 0, tokens);
                         });
                       });
}

// detokenize(tokens, withSpecial)
Napi::Value ModelObject::detokenize(const Napi::CallbackInfo& info) {
  return Reader::start(
      info.Env(), state_->engine.lock(),
      [tokens = tokens_of(info[0]), with_special = info[1].ToBoolean().Value()](const hearth_model* model) {
        return text_outcome([&](hearth_text* text) {
          return hearth_detokenize(model, tokens.data(), tokens.size(), with_special ? 1 : 0, text);
        });
      });
}

// applyChatTemplate(json)
Napi::Value ModelObject::apply_chat_template(const Napi::CallbackInfo& info) {
  return Reader::start(info.Env(), state_->engine.lock(),
                       [chat = info[0].ToString().Utf8Value()](const hearth_model* model) {
                         return text_outcome([&](hearth_text* prompt) {
                           return hearth_apply_chat_template(model, chat.data(), chat.size(), prompt);
                         });
                       });
}

// chatTokens(json)
Napi::Value ModelObject::chat_tokens(const Napi::CallbackInfo& info) {
  return Reader::start(info.Env(), state_->engine.lock(),
                       [chat = info[0].ToString().Utf8Value()](const hearth_model* model) {
                         return tokens_outcome([&](hearth_tokens* tokens) {
                           return hearth_chat_tokens(model, chat.data(), chat.size(), tokens);
                         });
                       });
}

// chatTokensThatFit(json): { tokens, turnsLeftOut }
Napi::Value ModelObject::chat_tokens_that_fit(const Napi::CallbackInfo& info) {
  return Reader::start(info.Env(), state_->engine.lock(),
                       [chat = info[0].ToString().Utf8Value()](const hearth_model* model) {
                         return fitted_outcome(model, chat);
                       });
}

/// Has `compute` run between two steps of the model, and keeps an object alive meanwhile.
Napi::Value ModelObject::run(Napi::Env env, std::function<Outcome(hearth_model* model)> compute,
                             std::optional<KeptId> kept) {
  const Pending pending(env);
  const auto work = [state = state_, pending, kept, compute = std::move(compute)](hearth_model* model) {
    const Outcome outcome =
        model == nullptr ? Outcome{kDisposed, nullptr} : outcome_of([&] { return compute(model); });
    state->instance.main_thread.post([state, pending, kept, outcome](Napi::Env main_env) {
      if (kept) state->instance.forget(*kept);
      pending.settle(main_env, outcome);
    });
  };
  if (const auto engine = state_->engine.lock()) {
    engine->run(work);
  } else {
    work(nullptr);
  }
  return pending.promise(env);
}

// embed(tokens, pooling)
Napi::Value ModelObject::embed(const Napi::CallbackInfo& info) {
  const auto pooling = info[1].ToString().Utf8Value() == "last" ? HEARTH_POOLING_LAST : HEARTH_POOLING_MEAN;
  return run(info.Env(), [pooling, tokens = tokens_of(info[0])](hearth_model* model) {
    return embedding_outcome(model, tokens, pooling);
  });
}

// saveState(): a Buffer.
Napi::Value ModelObject::save_state(const Napi::CallbackInfo& info) {
  return run(info.Env(), [](hearth_model* model) { return state_outcome(model); });
}

// restoreState(bytes), which stay where they are meanwhile
Napi::Value ModelObject::restore_state(const Napi::CallbackInfo& info) {
  const auto bytes = info[0].As<Napi::Uint8Array>();
  const KeptId kept = state_->instance.keep(bytes);
  return run(
      info.Env(),
      [data = bytes.Data(), size = bytes.ByteLength()](hearth_model* model) -> Outcome {
        return {failure_of(hearth_model_restore_state(model, data, size)), nullptr};
      },
      kept);
}

// generate(tokens, options as JSON, onEvent): { cancel(), hold(held) }
Napi::Value ModelObject::generate(const Napi::CallbackInfo& info) {
  return start_generation(state_->instance, state_->engine.lock(), info);
}

// dispose(): a promise that is settled when the model's memory and threads are given back.
Napi::Value ModelObject::dispose(const Napi::CallbackInfo& info) {
  const Pending pending(info.Env());
  if (const auto engine = state_->engine.lock()) {
    state_->disposing.push_back(pending);
    engine->stop();
  } else {
    pending.settle(info.Env(), {});
  }
  return pending.promise(info.Env());
}

}  // namespace hearth::node
