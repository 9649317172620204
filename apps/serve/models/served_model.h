// A loaded model as requests use it: what the engine can do, to be awaited. All of it on the network's
// thread; the model computes on a thread of its own, and what only reads it is done on the pool of those that
// block.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "apps/serve/models/answer.h"

namespace hearth::serve {

/// What a call of the engine gives: hearth_reply.
struct Reply {
  hearth_reply_type type = HEARTH_REPLY_NOTHING;
  std::string data;

  /// Of HEARTH_REPLY_JSON.
  nlohmann::ordered_json json() const { return nlohmann::ordered_json::parse(data); }
  /// Of HEARTH_REPLY_INT32 and HEARTH_REPLY_FLOAT32.
  std::vector<int32_t> tokens() const { return values<int32_t>(); }
  std::vector<float> floats() const { return values<float>(); }

 private:
  template <typename T>
  std::vector<T> values() const {
    std::vector<T> all(data.size() / sizeof(T));
    std::copy(data.begin(), data.end(), reinterpret_cast<char*>(all.data()));
    return all;
  }
};

class ServedModel {
 public:
  using Progress = std::function<void(hearth_load_stage stage, uint64_t done, uint64_t total)>;

  /// Loads a GGUF file, with the engine's options of loading. `progress` is called on the network's thread.
  /// Throws a Refusal.
  static Awaitable<std::shared_ptr<ServedModel>> load(net::thread_pool& pool, std::string id,
                                                      std::string path, nlohmann::ordered_json options,
                                                      Progress progress = {});

  ServedModel(const ServedModel&) = delete;
  ServedModel& operator=(const ServedModel&) = delete;
  /// Ends its answers with DISPOSED; returns at once.
  ~ServedModel();

  const std::string& id() const { return id_; }
  /// As hearth_model_info_json tells it.
  const nlohmann::ordered_json& info() const { return info_; }
  /// Bytes of weights, keys and values.
  uint64_t memory() const;

  /// A call by name: hearth_call. Throws a Refusal.
  Awaitable<Reply> call(std::string name, nlohmann::ordered_json arguments, std::string data = {});

  /// Begins to answer a prompt; `options` by the engine's names (docs/options.md).
  std::unique_ptr<Answer> answer(const net::any_io_executor& executor, std::vector<int32_t> tokens,
                                 const nlohmann::ordered_json& options, AnswerWatch watch);

 private:
  ServedModel(net::thread_pool& pool, std::string id) : pool_(pool), id_(std::move(id)) {}

  net::thread_pool& pool_;
  std::string id_;
  nlohmann::ordered_json info_;
  std::shared_ptr<EngineThread> engine_;
};

}  // namespace hearth::serve
