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
#include "engine/base/result.h"
#include "engine/runtime/generation.h"
#include "engine/workflow/run/run.h"

namespace hearth::cli {

class WorkflowHost {
 public:
  using Json = nlohmann::ordered_json;
  /// Gets each event, and pieces of answers as {"event": "token", "node", "text"}. An error of its own ends
  /// the run.
  using Tell = std::function<Result<void>(const Json& event)>;

  /// The model is loaded when it is first asked. Both are borrowed.
  WorkflowHost(const ModelOptions& model, const Tell& tell) : options_(model), tell_(tell) {}

  /// Drives the run to its end; Ctrl-C cancels it. Gives its last event.
  Result<Json> drive(workflow::Run& run);

 private:
  struct Answering {
    std::shared_ptr<Generation> generation;
    std::string node;
    std::string text;
    std::string reasoning;
  };

  Result<LoadedModel*> model();
  /// Begins a call, or answers it at once.
  void begin(workflow::Run& run, const Json& call);
  Result<void> begin_answer(const Json& call);
  Result<Json> embed(const Json& request);
  Result<Json> tokenize(const Json& request);
  /// One batch for all that is being answered.
  Result<void> step(workflow::Run& run);
  Result<void> read(workflow::Run& run, uint64_t id, Answering& answering);

  const ModelOptions& options_;
  const Tell& tell_;
  std::optional<LoadedModel> loaded_;
  std::map<uint64_t, Answering> answering_;
};

}  // namespace hearth::cli
