#include "apps/serve/models/served_model.h"

#include <algorithm>
#include <exception>

#include "apps/serve/json_text.h"
#include "apps/serve/models/completion.h"
#include "apps/serve/models/failure.h"

namespace hearth::serve {

using nlohmann::ordered_json;

namespace {

struct CallOutcome {
  Failure failure;
  Reply reply;
};

CallOutcome call_now(hearth_model* model, const std::string& name, const std::string& arguments,
                     const std::string& data) {
  if (model == nullptr) return {{HEARTH_DISPOSED, "the model was unloaded"}, {}};
  hearth_reply reply{};
  const Failure failure =
      failure_of(hearth_call(model, name.c_str(), arguments.c_str(), data.data(), data.size(), &reply));
  if (failure) return {failure, {}};
  CallOutcome outcome;
  outcome.reply.type = reply.type;
  outcome.reply.data.assign(reinterpret_cast<const char*>(reply.data.data), reply.data.size);
  hearth_bytes_free(&reply.data);
  return outcome;
}

}  // namespace

Awaitable<std::shared_ptr<ServedModel>> ServedModel::load(net::thread_pool& pool, std::string id,
                                                          std::string path, ordered_json options,
                                                          Progress progress) {
  const net::any_io_executor executor = co_await net::this_coro::executor;
  std::shared_ptr<ServedModel> model(new ServedModel(pool, std::move(id)));
  const auto start = [&](std::function<void(Failure)> loaded) {
    EngineThread::Callbacks callbacks;
    callbacks.progress = [executor, progress](hearth_load_stage stage, uint64_t done, uint64_t total) {
      if (progress) net::post(executor, [=] { progress(stage, done, total); });
    };
    callbacks.loaded = loaded;
    callbacks.ended = [] {};
    model->engine_ = std::make_shared<EngineThread>(LoadRequest{path, {}, json_text(options)}, callbacks);
    if (Failure failure = model->engine_->start()) loaded(std::move(failure));
  };
  const auto stop = [model] { model->engine_->stop(); };
  const Failure failure = co_await completion_of<Failure>(start, stop);
  if (failure) throw refusal_of(failure);
  model->info_ = (co_await model->call("info", ordered_json::array())).json();
  co_return model;
}

ServedModel::~ServedModel() {
  if (!engine_) return;
  engine_->stop();
  try {
    // The last to let go of it waits for its thread, and should not be the network's.
    net::post(pool_, [engine = engine_] {});
  } catch (const std::exception&) {
    // There is no memory for it: then it is.
  }
}

uint64_t ServedModel::memory() const {
  return info_.value("fileSize", uint64_t{0}) + info_.value("cacheBytes", uint64_t{0}) +
         info_.value("draftBytes", uint64_t{0});
}

Awaitable<Reply> ServedModel::call(std::string name, ordered_json arguments, std::string data) {
  const std::string given = json_text(arguments);
  const std::shared_ptr<EngineThread> engine = engine_;
  const auto start = [&](std::function<void(CallOutcome)> done) {
    if (hearth_call_only_reads(name.c_str()) != 0) {
      net::post(pool_, [engine, name, given, data, done] {
        engine->read([&](hearth_model* model) { done(call_now(model, name, given, data)); });
      });
    } else {
      engine->run(
          [name, given, data, done](hearth_model* model) { done(call_now(model, name, given, data)); });
    }
  };
  CallOutcome outcome = co_await completion_of<CallOutcome>(start);
  if (outcome.failure) throw refusal_of(outcome.failure);
  co_return std::move(outcome.reply);
}

std::unique_ptr<Answer> ServedModel::answer(const net::any_io_executor& executor, std::vector<int32_t> tokens,
                                            const ordered_json& options, AnswerWatch watch) {
  return std::make_unique<Answer>(executor, engine_, std::move(tokens), json_text(options), std::move(watch));
}

}  // namespace hearth::serve
