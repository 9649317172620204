// Realm's pipelines: steps one after another, each a call of a model.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "engine/base/nearest_name.h"
#include "engine/workflow/definition/reader.h"

namespace hearth::workflow {
namespace {

using nlohmann::ordered_json;

/// What a model of a type does. Types that are not here are names of their own.
const std::map<std::string_view, std::string_view> kActionOfType = {
    {"chat", "llm.chat"},          {"completion", "llm.call"}, {"embedding", "llm.embed"},
    {"summarization", "llm.chat"}, {"summary", "llm.chat"},    {"classification", "llm.chat"}};

const std::map<std::string_view, std::string_view> kTaskOfType = {
    {"summarization", "Summarize the text."},
    {"summary", "Summarize the text."},
    {"classification", "Classify the text: answer with its key concepts, separated by commas."}};

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

class PipelineReader {
 public:
  PipelineReader(const Element& document, Reader& reader)
      : document_(document), reader_(reader), fields_(document, "a pipeline", reader.faults) {}

  Workflow read() {
    const std::string id = fields_.text({"id"}).value_or("");
    workflow_.name = fields_.text({"name"}).value_or(id);
    workflow_.description = fields_.text({"description"}).value_or("");
    known_.insert("input");
    if (const Element* inputs = fields_.value({"inputs"})) read_inputs(*inputs);
    const Element* steps = fields_.value({"steps"});
    if (steps == nullptr || !steps->is_list()) {
      reader_.faults.error("wrong-type", document_.place, "`steps` of a pipeline is a list");
    } else {
      read_steps(*steps);
    }
    if (const Element* outputs = fields_.value({"outputs"})) read_outputs(*outputs);
    fields_.finish();
    workflow_.has_input_name = true;
    route_in_order(workflow_.graph);
    check_graph(workflow_.graph, reader_);
    return std::move(workflow_);
  }

 private:
  void read_inputs(const Element& inputs) {
    ordered_json properties = ordered_json::object();
    ordered_json required = ordered_json::array();
    for (const auto& [name, place, value] : inputs.members) {
      Fields fields(value, fmt::format("input '{}'", name), reader_.faults);
      properties[name] = {{"type", fields.text({"type"}).value_or("string")}};
      fields.pass_over({"description"});
      if (fields.flag({"required"}).value_or(false)) required.push_back(name);
      if (const Element* otherwise = fields.value({"default"}))
        workflow_.initial_state[name] = otherwise->json();
      fields.finish();
      known_.insert(name);
    }
    workflow_.input_schema = reader_.schema(
        {{"type", "object"}, {"properties", properties}, {"required", required}}, inputs.place);
  }

  void read_steps(const Element& steps) {
    for (const Element& step : steps.items) {
      if (const Element* output = step.find("output"); output != nullptr && output->text())
        known_.insert(*output->text());
    }
    if (!steps.items.empty()) known_.insert("result");
    for (const Element& step : steps.items) read_step(step);
  }

  void read_step(const Element& element) {
    Fields fields(element, "a step", reader_.faults);
    Node node;
    node.place = element.place;
    node.name = fields.text({"id"}).value_or("");
    fields.pass_over({"name", "description"});
    node.output.key = fields.text({"output"}).value_or("result");
    const std::optional<std::string> model = fields.text({"model"});
    const std::string type = lower_case(fields.text({"model_type"}).value_or("chat"));
    const Element* input = fields.value({"input"});
    fields.finish();
    if (node.name.empty()) reader_.faults.error("missing-key", element.place, "a step has no `id`");
    if (input == nullptr)
      reader_.faults.error("missing-key", element.place, fmt::format("step '{}' has no `input`", node.name));
    if (!model && element.find("model_type") == nullptr) {
      reader_.faults.error("missing-key", element.place,
                           fmt::format("step '{}' has neither `model` nor `model_type`", node.name));
    }
    const auto action = kActionOfType.find(type);
    node.work = CallAction{std::string(action == kActionOfType.end() ? "llm.chat" : action->second),
                           reader_.pattern(parameters(model, type, input))};
    // A step's result is the text that the model writes, not all that is known of it.
    const std::string part = type == "embedding" ? "embedding" : "content";
    const Element result = Element::scalar_at(element.place, fmt::format("{{{{ result.{} }}}}", part));
    node.output.mapped.emplace_back(node.output.key, reader_.pattern(result));
    node.output.key.clear();
    if (!workflow_.graph.numbers.emplace(node.name, workflow_.graph.nodes.size()).second) {
      reader_.faults.error("duplicate-node", node.place,
                           fmt::format("there is a step '{}' already", node.name));
    }
    workflow_.graph.nodes.push_back(std::move(node));
  }

  /// What the action is given.
  Element parameters(const std::optional<std::string>& model, const std::string& type, const Element* input) {
    Element object = Element::object_at(document_.place);
    const auto add = [&](std::string_view key, Element value) {
      object.members.push_back({std::string(key), value.place, std::move(value)});
    };
    const auto text = [&](std::string_view value) { return Element::scalar_at(document_.place, value); };
    if (model) add("model", text(*model));
    if (const auto task = kTaskOfType.find(type); task != kTaskOfType.end())
      add("system", text(task->second));
    if (input != nullptr) add(type == "embedding" ? "text" : "prompt", prompt(*input));
    return object;
  }

  Element prompt(const Element& input) {
    if (input.text()) {
      if (!known_.contains(*input.text())) {
        reader_.faults.error(
            "unknown-input", input.place,
            fmt::format("there is no output '{}' of a step; did you mean '{}'?", *input.text(),
                        nearest_name(*input.text(), {known_.begin(), known_.end()})));
      }
      return Element::scalar_at(input.place, fmt::format("{{{{ {} }}}}", *input.text()));
    }
    if (const Element* text = input.find("template"); text != nullptr && text->text()) return *text;
    if (const Element* value = input.find("value"); value != nullptr && value->text()) {
      // As it is, even where it has braces.
      return Element::scalar_at(value->place, "{% raw %}" + *value->text() + "{% endraw %}");
    }
    reader_.faults.error("wrong-type", input.place,
                         "the input of a step is a name, {template: ...} or {value: ...}");
    return input;
  }

  void read_outputs(const Element& outputs) {
    for (const auto& [name, place, value] : outputs.members) {
      if (!value.text() || !known_.contains(*value.text())) {
        reader_.faults.error("unknown-input", value.place,
                             fmt::format("output '{}' names no output of a step", name));
        continue;
      }
      const Element reference = Element::scalar_at(value.place, fmt::format("{{{{ {} }}}}", *value.text()));
      workflow_.outputs.emplace_back(name, reader_.pattern(reference));
    }
  }

  const Element& document_;
  Reader& reader_;
  Fields fields_;
  Workflow workflow_;
  std::set<std::string> known_;  // what a step's input may name
};

}  // namespace

Workflow read_pipeline(const Element& document, Reader& reader) {
  return PipelineReader(document, reader).read();
}

}  // namespace hearth::workflow
