#include "apps/cli/workflow_host.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "apps/cli/interrupt.h"
#include "apps/cli/sampling_options.h"
#include "engine/options/embedding_options.h"
#include "engine/options/option_values.h"
#include "engine/runtime/reranker.h"
#include "engine/text/json_text.h"

namespace hearth::cli {

using Json = WorkflowHost::Json;

namespace {

int64_t milliseconds_now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

bool is_worth_keeping(const Json& event) {
  const Json& kind = event["event"];
  return kind == "node_finished" || kind == "interrupt" || kind == "interrupted";
}

}  // namespace

Result<Json> WorkflowHost::drive(workflow::Run& run) {
  Json last;
  while (!run.has_ended()) {
    if (interrupted()) run.cancel();
    std::vector<Json> events = run.advance(milliseconds_now());
    if (std::any_of(events.begin(), events.end(), is_worth_keeping)) HEARTH_TRY(keep_(run));
    for (Json& event : events) {
      if (event["event"] == "call") {
        begin(run, event);
      } else if (event["event"] == "cancel") {
        const auto unwanted = answering_.find(event["id"].get<uint64_t>());
        if (unwanted == answering_.end()) continue;
        unwanted->second.generation->cancel();
        answering_.erase(unwanted);
      } else {
        HEARTH_TRY(tell_(event));
        last = std::move(event);
      }
    }
    if (run.has_ended()) break;
    if (!answering_.empty()) {
      HEARTH_TRY(step(run));
    } else if (run.wake_at().value_or(0) > milliseconds_now()) {
      // Short, so that Ctrl-C is seen.
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  return last;
}

Result<LoadedModel*> WorkflowHost::model() {
  if (!loaded_) {
    HEARTH_ASSIGN(loaded_, load_model(options_));
  }
  return &*loaded_;
}

void WorkflowHost::begin(workflow::Run& run, const Json& call) {
  const auto id = call["id"].get<uint64_t>();
  const auto kind = call["kind"].get<std::string>();
  if (kind == "generate") {
    if (Result<void> begun = begin_answer(call); !begun.ok()) run.answer(id, std::move(begun).error());
    return;
  }
  run.answer(id, answer(kind, call["request"]));
}

Result<Json> WorkflowHost::answer(const std::string& kind, const Json& request) {
  if (kind == "embed") return embed(request);
  if (kind == "rerank") return rerank(request);
  if (kind == "tokenize") return tokenize(request);
  if (kind == "http") return services_.http.answer(request, [] { return !interrupted(); });
  if (kind == "store" && services_.store) return services_.store->answer(request);
  if (kind == "store") {
    return Error{ErrorCode::kUnsupported, "nothing is kept here: --store names the folder to keep it in"};
  }
  return Error{ErrorCode::kUnsupported,
               fmt::format("'hearth workflow' has nothing for calls of the kind '{}'", kind)};
}

Result<void> WorkflowHost::begin_answer(const Json& call) {
  const Json& request = call["request"];
  HEARTH_ASSIGN(LoadedModel * loaded, model());
  ChatInput input;
  input.messages = request["messages"];
  Json chat = {{"messages", input.messages}};
  if (request.contains("tools")) chat["tools"] = input.tools = request["tools"];
  if (request.contains("toolChoice")) chat["toolChoice"] = request["toolChoice"];
  HEARTH_ASSIGN(const std::vector<PromptPiece> pieces, loaded->model->chat().render(std::move(input)));
  std::vector<TokenId> tokens = loaded->model->chat().encode(pieces);
  HEARTH_ASSIGN(GenerationRequest asked, make_request(*loaded->model, request["options"], std::move(tokens)));
  asked.chat = write_json(chat);
  HEARTH_ASSIGN(std::shared_ptr<Generation> generation, loaded->scheduler->submit(std::move(asked)));
  const Json begun = {{"event", "token"}, {"node", call["node"]}, {"task", call["task"]}};
  answering_[call["id"].get<uint64_t>()] = {std::move(generation), begun};
  return {};
}

Result<void> WorkflowHost::step(workflow::Run& run) {
  loaded_->scheduler->step();
  std::vector<uint64_t> ended;
  for (auto& [id, answering] : answering_) {
    HEARTH_TRY(read(run, id, answering));
    if (answering.generation->finished()) ended.push_back(id);
  }
  for (const uint64_t id : ended) answering_.erase(id);
  return {};
}

Result<void> WorkflowHost::read(workflow::Run& run, uint64_t id, Answering& answering) {
  while (const auto event = answering.generation->next()) {
    answering.so_far.content += event->text;
    answering.so_far.reasoning += event->reasoning;
    for (const AnswerDelta& delta : event->calls) answering.so_far.add(delta);
    if (!event->text.empty()) {
      Json token = answering.token;
      token["text"] = event->text;
      HEARTH_TRY(tell_(token));
    }
    if (event->finish == FinishReason::kNone) continue;
    if (event->error) {
      run.answer(id, *event->error);
      return {};
    }
    Json answer = to_json(answering.so_far);
    answer["text"] = std::move(answer["content"]);
    answer.erase("content");
    answer.update({{"finishReason", finish_reason_name(event->finish)},
                   {"model", loaded_->model->info().name},
                   {"usage",
                    {{"promptTokens", event->usage.prompt_tokens},
                     {"cachedTokens", event->usage.cached_tokens},
                     {"completionTokens", event->usage.completion_tokens}}}});
    run.answer(id, std::move(answer));
  }
  return {};
}

Result<Json> WorkflowHost::embed(const Json& request) {
  HEARTH_ASSIGN(LoadedModel * loaded, model());
  std::vector<std::vector<TokenId>> texts;
  int64_t tokens = 0;
  for (const Json& text : request["texts"]) {
    texts.push_back(loaded->model->tokenizer().encode(text.get<std::string>(), true, false));
    tokens += static_cast<int64_t>(texts.back().size());
  }
  HEARTH_ASSIGN(const Embeddings embeddings, loaded->scheduler->embed(texts, EmbeddingOptions()));
  Json vectors = Json::array();
  for (size_t text = 0; text < texts.size(); ++text) vectors.push_back(embeddings.of(text));
  return Json{{"embeddings", std::move(vectors)},
              {"model", loaded->model->info().name},
              {"usage", {{"promptTokens", tokens}, {"completionTokens", 0}}}};
}

Result<Json> WorkflowHost::rerank(const Json& request) {
  HEARTH_ASSIGN(LoadedModel * loaded, model());
  const auto query = request["query"].get<std::string>();
  const auto documents = request["documents"].get<std::vector<std::string>>();
  int64_t tokens = 0;
  for (const std::string& document : documents) {
    HEARTH_ASSIGN(const std::vector<TokenId> read, rerank_tokens(*loaded->model, query, document));
    tokens += static_cast<int64_t>(read.size());
  }
  HEARTH_ASSIGN(const auto ranked, hearth::rerank(*loaded->scheduler, *loaded->model, query, documents));
  Json scores(documents.size(), Json());
  for (const auto& [index, score] : ranked) scores[index] = decimal(score);
  return Json{{"scores", scores}, {"usage", {{"promptTokens", tokens}, {"completionTokens", 0}}}};
}

Result<Json> WorkflowHost::tokenize(const Json& request) {
  HEARTH_ASSIGN(LoadedModel * loaded, model());
  return Json{{"tokens", loaded->model->tokenizer().encode(request["text"].get<std::string>(), true, false)}};
}

}  // namespace hearth::cli
