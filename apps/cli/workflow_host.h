// Carries out what a run of a workflow asks for, with one model on this machine. What several branches ask at
// once the model answers in one batch.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "apps/cli/model_options.h"
#include "apps/workflow/services/folder_store.h"
#include "apps/workflow/services/http_client.h"
#include "engine/base/result.h"
#include "engine/runtime/generation.h"
#include "engine/text/answer/answer.h"
#include "engine/workflow/run/run.h"

namespace hearth::cli {

class WorkflowHost {
 public:
  using Json = nlohmann::ordered_json;
  /// Gets each event, and pieces of answers as {"event": "token", "node", "task", "text"}. An error of its
  /// own ends the run.
  using Tell = std::function<Result<void>(const Json& event)>;
  /// Writes down where the run is. Called before the end of a node, or an interrupt, is told.
  using Keep = std::function<Result<void>(const workflow::Run& run)>;

  /// What a run may use beside the model.
  struct Services {
    std::optional<workflow::FolderStore> store;
    workflow::HttpClient http;
  };

  /// The model is loaded when it is first asked. All are borrowed.
  WorkflowHost(const ModelOptions& model, const Services& services, const Tell& tell, const Keep& keep)
      : options_(model), services_(services), tell_(tell), keep_(keep) {}

  /// Drives the run to its end; Ctrl-C cancels it. Gives its last event.
  Result<Json> drive(workflow::Run& run);

 private:
  struct Answering {
    std::shared_ptr<Generation> generation;
    Json token = Json::value_t::null;  // the event of a piece, without its text
    hearth::Answer so_far{};           // not the one of this folder
  };

  Result<LoadedModel*> model();
  /// Begins a call, or answers it at once.
  void begin(workflow::Run& run, const Json& call);
  Result<void> begin_answer(const Json& call);
  /// Of a call that is answered at once.
  Result<Json> answer(const std::string& kind, const Json& request);
  Result<Json> embed(const Json& request);
  Result<Json> rerank(const Json& request);
  Result<Json> tokenize(const Json& request);
  /// One batch for all that is being answered.
  Result<void> step(workflow::Run& run);
  Result<void> read(workflow::Run& run, uint64_t id, Answering& answering);

  const ModelOptions& options_;
  const Services& services_;
  const Tell& tell_;
  const Keep& keep_;
  std::optional<LoadedModel> loaded_;
  std::map<uint64_t, Answering> answering_;
};

}  // namespace hearth::cli
