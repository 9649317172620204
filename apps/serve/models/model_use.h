// A model as one request works with it: it is not unloaded for another as long as this lives.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/serve/models/served_model.h"

namespace hearth::serve {

/// Who is told what a request has a model do.
class UseWatch {
 public:
  UseWatch() = default;
  UseWatch(const UseWatch&) = delete;
  UseWatch& operator=(const UseWatch&) = delete;
  virtual ~UseWatch() = default;

  /// An answer begins.
  virtual AnswerWatch answer() = 0;
  /// So many tokens are read, without an answer: for vectors or scores.
  virtual void read(size_t tokens) = 0;
};

class ModelUse {
 public:
  /// `id`: what the request calls it. `imposed`: options that its answers have whatever the request says.
  /// `end` is called when the request is done with it.
  ModelUse(std::string id, std::shared_ptr<ServedModel> model, nlohmann::ordered_json imposed,
           std::function<void()> end);
  ModelUse(const ModelUse&) = delete;
  ModelUse& operator=(const ModelUse&) = delete;
  ~ModelUse();

  const std::string& id() const { return id_; }
  const std::shared_ptr<ServedModel>& model() const { return model_; }
  /// As hearth_model_info_json tells it.
  const nlohmann::ordered_json& info() const { return model_->info(); }
  /// What the model's cache is salted with for who asks (docs/sequences.md).
  std::string cache_salt() const { return imposed_.value("cacheSalt", ""); }
  /// Bytes of weights, keys and values.
  uint64_t memory() const { return model_->memory(); }

  void impose(const std::string& option, nlohmann::ordered_json value) {
    imposed_[option] = std::move(value);
  }

  /// What the readers of its answers do while they wait.
  void keep_alive(SignsOfLife signs) { signs_ = std::move(signs); }

  void watch(std::unique_ptr<UseWatch> watch) { watch_ = std::move(watch); }

  /// A call of the engine by name: hearth_call. Who watches is told what is read for vectors and scores. All
  /// of these throw a Refusal.
  Awaitable<Reply> call(std::string name, nlohmann::ordered_json arguments, std::string data = {});
  Awaitable<std::vector<int32_t>> tokenize(std::string text, bool add_special, bool parse_special);

  /// Begins to answer a prompt; `options` by the engine's names (docs/options.md).
  Awaitable<std::unique_ptr<Answer>> answer(std::vector<int32_t> tokens, nlohmann::ordered_json options);
  /// Begins to answer a conversation: `chat` as hearth_apply_chat_template takes it. Where its last message
  /// is the assistant's, the answer goes on in it.
  Awaitable<std::unique_ptr<Answer>> answer_chat(nlohmann::ordered_json chat, nlohmann::ordered_json options);
  /// The prompt that answer_chat answers. A model that comes without a template gets the conversation in
  /// ChatML, as other servers write it, in plain text; only tools are left to the engine.
  Awaitable<std::vector<int32_t>> chat_tokens(nlohmann::ordered_json chat);
  /// The same as text, without what the last message has begun.
  Awaitable<std::string> chat_text(nlohmann::ordered_json chat);

 private:
  /// Tells who watches of the texts that "embed" reads, which become lists of tokens, or of the documents of
  /// "rerank".
  Awaitable<> watch_texts(nlohmann::ordered_json& arguments);
  Awaitable<> watch_documents(const nlohmann::ordered_json& arguments);
  /// Throws a Refusal, CONTEXT_OVERFLOW with figures, for a prompt that leaves no room for an answer.
  void check_length(size_t tokens) const;
  /// Whether the engine would write the conversation without marks. Throws a Refusal where it is none.
  Awaitable<bool> has_no_form_for(const nlohmann::ordered_json& chat);
  Awaitable<std::vector<int32_t>> prompt_of(nlohmann::ordered_json chat, std::string beginning);

  std::string id_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::shared_ptr<ServedModel> model_;
  nlohmann::ordered_json imposed_;
  std::unique_ptr<UseWatch> watch_;
  SignsOfLife signs_;
  std::function<void()> end_;
};

}  // namespace hearth::serve
