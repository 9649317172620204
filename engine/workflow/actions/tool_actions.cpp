// llm.tools: a model calls actions and functions of the host until it has its answer.
#include <fmt/format.h>

#include "engine/text/json_text.h"
#include "engine/workflow/actions/answers.h"
#include "engine/workflow/actions/generation.h"
#include "engine/workflow/actions/parameters.h"
#include "engine/workflow/actions/tables.h"

namespace hearth::workflow {
using Json = nlohmann::ordered_json;

namespace {

Error bad_tool(std::string_view what) {
  return {
      ErrorCode::kInvalidArgument,
      fmt::format("the parameter 'tools': {}; a tool is {{name, description, parameters, action}}", what)};
}

/// A JSON schema of what may be one already, or parameters by name that say themselves whether they are
/// required.
Json schema_of(const Json& parameters) {
  if (text_in(parameters, "type") == "object") return parameters;
  Json properties = Json::object();
  Json required = Json::array();
  for (auto entry = parameters.begin(); entry != parameters.end(); ++entry) {
    Json property = entry.value().is_object() ? entry.value() : Json::object();
    if (const auto flag = property.find("required"); flag != property.end() && flag->is_boolean()) {
      if (*flag == true) required.push_back(entry.key());
      property.erase("required");
    }
    properties[entry.key()] = std::move(property);
  }
  Json schema = {{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

/// {tools as the model is told of them, actions by the names of tools}
struct Tools {
  Json told = Json::array();
  Json actions = Json::object();
};

Result<Tools> read_tools(const Json& tools) {
  if (!tools.is_array() || tools.empty()) return bad_tool("it must be a list of tools");
  Tools read;
  for (const Json& tool : tools) {
    if (!tool.is_object()) return bad_tool("one of them is no object");
    const Json& function = tool.contains("function") ? object_in(tool, "function") : tool;
    const std::string name = text_in(function, "name");
    if (name.empty()) return bad_tool("one of them has no name");
    const std::string action = text_in(tool, "action");
    read.actions[name] = action.empty() ? name : action;
    read.told.push_back({{"type", "function"},
                         {"function",
                          {{"name", name},
                           {"description", text_in(function, "description")},
                           {"parameters", schema_of(object_in(function, "parameters"))}}}});
  }
  return read;
}

/// llm.tools: {messages or prompt, tools, tool_choice, max_tool_rounds}, and all that llm.call has
Result<Step> begin_tools(const Json& parameters, const ActionContext& context) {
  const Parameters given(parameters);
  HEARTH_ASSIGN(const Json* listed, given.value({"tools"}));
  HEARTH_ASSIGN(Tools tools, read_tools(*listed));
  HEARTH_ASSIGN(const int64_t most, given.whole_or({"max_tool_rounds", "max_rounds"}, 10));
  if (most < 1 || most > 100)
    return Error{ErrorCode::kInvalidArgument, "the parameter 'max_tool_rounds' must be from 1 to 100"};
  Json asked = parameters;
  asked["tools"] = std::move(tools.told);
  asked.erase("max_tool_rounds");
  asked.erase("max_rounds");
  HEARTH_ASSIGN(Call call, generation(asked, context));
  call.carried = {{"request", call.request},
                  {"actions", std::move(tools.actions)},
                  {"rounds_left", most},
                  {"rounds", 0},
                  {"calls", Json::array()},
                  {"at", 0},
                  {"tool_calls", Json::array()},
                  {"tool_results", Json::array()},
                  {"usage", {{"promptTokens", 0}, {"completionTokens", 0}}}};
  return Step(std::move(call));
}

/// The loop, of which all that it knows is what its questions carry.
class Loop {
 public:
  Loop(Json carried, const ActionContext& context) : carried_(std::move(carried)), context_(context) {}

  Result<Step> go_on(Json answer) {
    if (!carried_.contains("running")) return take_answer(answer);
    const Action* action = find_action(running());
    if (action == nullptr || action->proceed == nullptr) {
      add_result(answer);
      return next_call();
    }
    return take(action->proceed(std::exchange(carried_["inner"], nullptr), std::move(answer), context_));
  }

 private:
  std::string running() const { return carried_["running"].get<std::string>(); }

  Result<Step> take_answer(const Json& answer) {
    const Json& usage = object_in(answer, "usage");
    for (const char* count : {"promptTokens", "completionTokens"})
      carried_["usage"][count] = carried_["usage"][count].get<int64_t>() + count_in(usage, count);
    carried_["calls"] = list_in(answer, "toolCalls");
    if (carried_["calls"].empty() || carried_["rounds_left"] == 0) return result(answer);
    carried_["rounds_left"] = carried_["rounds_left"].get<int64_t>() - 1;
    carried_["rounds"] = carried_["rounds"].get<int64_t>() + 1;
    carried_["at"] = 0;
    Json calls = Json::array();
    for (const Json& call : carried_["calls"]) {
      carried_["tool_calls"].push_back(call);
      const auto arguments = call.find("arguments");
      const bool is_text = arguments != call.end() && arguments->is_string();
      calls.push_back(
          {{"id", text_in(call, "id")},
           {"type", "function"},
           {"function",
            {{"name", text_in(call, "name")},
             {"arguments", is_text ? *arguments : Json(write_json(object_in(call, "arguments")))}}}});
    }
    carried_["request"]["messages"].push_back(
        {{"role", "assistant"}, {"content", text_in(answer, "text")}, {"tool_calls", std::move(calls)}});
    return next_call();
  }

  /// The next of the model's calls, or its next turn.
  Result<Step> next_call() {
    carried_.erase("running");
    carried_.erase("inner");
    while (carried_["at"].get<size_t>() < carried_["calls"].size()) {
      const Json call = carried_["calls"][carried_["at"].get<size_t>()];
      const auto known = carried_["actions"].find(text_in(call, "name"));
      const auto arguments = call.find("arguments");
      if (known == carried_["actions"].end()) {
        add_result(Json{{"error", fmt::format("there is no tool '{}'", text_in(call, "name"))}});
      } else if (arguments != call.end() && !arguments->is_object() && !arguments->is_null()) {
        add_result(Json{{"error", "the arguments are no JSON object"}});
      } else {
        carried_["running"] = *known;
        return start(object_in(call, "arguments"));
      }
    }
    carried_["request"].erase("toolChoice");                               // what had to be called has been
    if (carried_["rounds_left"] == 0) carried_["request"].erase("tools");  // it must answer now
    Json request = carried_["request"];
    return Step(Call{"generate", std::move(request), std::move(carried_)});
  }

  Result<Step> start(const Json& arguments) {
    const Action* action = find_action(running());
    if (action != nullptr) return take(action->begin(arguments, context_));
    Json request = {{"name", running()}, {"parameters", arguments}, {"state", context_.state.json()}};
    return Step(Call{"function", std::move(request), std::move(carried_)});
  }

  /// What an action of a tool came to. The model is told of errors, too.
  Result<Step> take(Result<Step> step) {
    if (step.ok() && std::holds_alternative<Call>(*step)) {
      Call& call = std::get<Call>(*step);
      carried_["inner"] = std::move(call.carried);
      return Step(Call{call.kind, std::move(call.request), std::move(carried_)});
    }
    add_result(step.ok() ? std::get<Json>(*step) : Json{{"error", step.error().message}});
    return next_call();
  }

  void add_result(const Json& value) {
    const Json& call = carried_["calls"][carried_["at"].get<size_t>()];
    carried_["at"] = carried_["at"].get<size_t>() + 1;
    carried_["tool_results"].push_back(
        {{"id", text_in(call, "id")}, {"name", text_in(call, "name")}, {"result", value}});
    carried_["request"]["messages"].push_back(
        {{"role", "tool"},
         {"tool_call_id", text_in(call, "id")},
         {"name", text_in(call, "name")},
         {"content", value.is_string() ? value.get<std::string>() : write_json(value)}});
  }

  Result<Step> result(const Json& answer) {
    Json told = reply(answer);
    told["usage"] = usage_of(Json{{"usage", carried_["usage"]}});
    told["tool_calls"] = std::move(carried_["tool_calls"]);
    told["tool_results"] = std::move(carried_["tool_results"]);
    told["rounds"] = carried_["rounds"];
    return Step(std::move(told));
  }

  Json carried_;
  const ActionContext& context_;
};

Result<Step> proceed_tools(Json carried, Json answer, const ActionContext& context) {
  return Loop(std::move(carried), context).go_on(std::move(answer));
}

constexpr Action kToolActions[] = {{"llm.tools", begin_tools, proceed_tools}};

}  // namespace

std::span<const Action> tool_actions() { return kToolActions; }

}  // namespace hearth::workflow
