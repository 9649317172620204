// Nodes: what each does, where its result goes, what happens when it fails, where control goes behind it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "engine/workflow/actions/action_table.h"
#include "engine/workflow/definition/reader.h"

namespace hearth::workflow {
namespace {

constexpr int64_t kMostIterations = 1'000'000;
constexpr int64_t kLongestMilliseconds = int64_t{365} * 24 * 3600 * 1000;

/// A name for what messages and events call a node that has none.
std::string unnamed(size_t index) { return fmt::format("step_{}", index + 1); }

class NodeReader {
 public:
  NodeReader(const Element& element, std::string name, Reader& reader)
      : element_(element), reader_(reader), fields_(element, fmt::format("node '{}'", name), reader.faults) {
    node_.name = std::move(name);
    node_.place = element.place;
  }

  Node read() {
    fields_.pass_over({"name", "id", "description", "metadata", "title"});
    node_.work = read_work();
    read_output();
    read_gotos();
    read_policy();
    read_interrupt();
    if (const Element* when = fields_.value({"when", "if", "condition"})) {
      if (!std::holds_alternative<WhileLoop>(node_.work)) node_.when = reader_.condition(*when);
    }
    read_fan_in();
    fields_.finish();
    return std::move(node_);
  }

 private:
  Faults& faults() { return reader_.faults; }

  Work read_work();
  Work read_typed(const std::string& type, const Element& place);
  Work read_action(const std::string& action, const Element* parameters);
  Work read_run(const Element& run);
  Work read_while();
  Work read_for_each();
  Work read_parallel();
  Work read_subworkflow(const Element& path);
  std::unique_ptr<Graph> read_body(const Element& list, std::string_view what);
  void read_output();
  void read_gotos();
  void read_policy();
  void read_interrupt();
  void read_fan_in();
  int64_t milliseconds(std::string_view in_ms, std::string_view in_seconds, int64_t otherwise);

  const Element& element_;
  Reader& reader_;
  Fields fields_;
  Node node_;
};

Work NodeReader::read_work() {
  fields_.pass_over({"language", "type"});
  if (const Element* type = element_.find("type"); type != nullptr && type->text()) {
    return read_typed(*type->text(), *type);
  }
  // What may stand beside each other says what it does once only.
  const std::array<std::string_view, 6> kinds = {"uses", "action", "run", "script", "steps", "subgraph"};
  std::vector<std::string_view> given;
  for (const std::string_view kind : kinds) {
    if (element_.find(kind) != nullptr) given.push_back(kind);
  }
  if (given.size() > 1) {
    faults().error("two-kinds", element_.place,
                   fmt::format("node '{}' has both '{}' and '{}'; a node does one thing", node_.name,
                               given[0], given[1]));
  }
  const Element* parameters = fields_.value({"with", "params", "parameters"});
  if (const auto action = fields_.text({"uses", "action"})) return read_action(*action, parameters);
  if (const Element* run = fields_.value({"run", "script"})) return read_run(*run);
  if (const Element* steps = fields_.value({"steps"})) return RunSteps{read_body(*steps, "the steps")};
  if (const Element* path = fields_.value({"subgraph", "workflow"})) return read_subworkflow(*path);
  return Pass{};
}

Work NodeReader::read_typed(const std::string& type, const Element& place) {
  if (type == "while_loop" || type == "while") return read_while();
  if (type == "for_each" || type == "foreach") return read_for_each();
  if (type == "dynamic_parallel") return read_parallel();
  faults().error(
      "unknown-type", place.place,
      fmt::format("node '{}' has the type '{}', which is none of while_loop, for_each and dynamic_parallel",
                  node_.name, type));
  return Pass{};
}

Work NodeReader::read_action(const std::string& action, const Element* parameters) {
  const Element empty = Element::object_at(element_.place);
  if (parameters != nullptr && !parameters->is_object()) {
    faults().error(
        "wrong-type", parameters->place,
        fmt::format("the parameters of '{}' are an object, not {}", action, parameters->described()));
    parameters = nullptr;
  }
  const bool is_ours = is_action(action);
  const auto& functions = reader_.functions;
  if (!is_ours && std::find(functions.begin(), functions.end(), action) == functions.end()) {
    const std::string message = missing_action(action, functions);
    faults().add(Severity::kUnsupported, "unknown-action", element_.place, message);
    return Unsupported{message};
  }
  return CallAction{action, reader_.pattern(parameters == nullptr ? empty : *parameters)};
}

Work NodeReader::read_run(const Element& run) {
  if (run.is_object()) {
    Fields fields(run, "an expression", faults());
    const std::string type = fields.text({"type"}).value_or("expression");
    const Element* value = fields.value({"value"});
    if (const auto key = fields.text({"output_key"})) node_.output.key = *key;
    fields.finish();
    if (type == "expression" && value != nullptr) {
      if (const auto expression = reader_.condition(*value)) return Evaluate{*expression};
      return Pass{};
    }
    faults().error("bad-run", run.place,
                   "`run` with keys is {type: expression, value: ..., output_key: ...}");
    return Pass{};
  }
  const Element* language = element_.find("language");
  const std::string name = language != nullptr && language->text() ? *language->text() : "";
  if (name == "expression" || name == "jinja") {
    if (const auto expression = reader_.condition(run)) return Evaluate{*expression};
    return Pass{};
  }
  if (run.text()) reader_.code += *run.text();
  const std::string message = fmt::format(
      "node '{}' runs {}, which Hearth does not: use an action, an expression or a function of your program",
      node_.name, name.empty() ? "code (Python, if it does not say)" : name);
  faults().add(Severity::kUnsupported, "unsupported-code", run.place, message);
  return Unsupported{message};
}

std::unique_ptr<Graph> NodeReader::read_body(const Element& list, std::string_view what) {
  auto body = std::make_unique<Graph>(read_nodes(list, fmt::format("{} of '{}'", what, node_.name), reader_));
  route_in_order(*body);
  check_graph(*body, reader_);
  return body;
}

Work NodeReader::read_while() {
  WhileLoop loop;
  const Element* condition = fields_.value({"condition", "while"});
  if (condition == nullptr) {
    faults().error("missing-key", element_.place, fmt::format("the loop '{}' has no condition", node_.name));
  } else if (auto read = reader_.condition(*condition)) {
    loop.condition = *std::move(read);
  }
  loop.max_iterations = fields_.whole({"max_iterations"}, 1, kMostIterations).value_or(0);
  if (loop.max_iterations == 0 && element_.find("max_iterations") == nullptr) {
    faults().error(
        "missing-key", element_.place,
        fmt::format("the loop '{}' has no max_iterations, without which it might never end", node_.name));
  }
  const Element* body = fields_.value({"body", "steps"});
  if (body == nullptr) {
    faults().error("missing-key", element_.place, fmt::format("the loop '{}' has no body", node_.name));
    return Pass{};
  }
  loop.body = read_body(*body, "the body");
  return loop;
}

Work NodeReader::read_for_each() {
  ForEach loop;
  const Element* items = fields_.value({"items"});
  loop.item_name = fields_.text({"item_var"}).value_or("item");
  loop.index_name = fields_.text({"index_var"}).value_or("index");
  const Element* body = fields_.value({"body", "steps"});
  if (items == nullptr || body == nullptr) {
    faults().error("missing-key", element_.place,
                   fmt::format("the loop '{}' has no {}", node_.name, items == nullptr ? "items" : "body"));
    return Pass{};
  }
  loop.items = reader_.pattern(*items);
  loop.body = read_body(*body, "the body");
  return loop;
}

Work NodeReader::read_parallel() {
  ParallelItems work;
  const Element* items = fields_.value({"items"});
  if (items == nullptr) {
    faults().error("missing-key", element_.place, fmt::format("'{}' has no items to run for", node_.name));
  } else {
    work.items = reader_.pattern(*items);
  }
  work.item_name = fields_.text({"item_var"}).value_or("item");
  work.index_name = fields_.text({"index_var"}).value_or("index");
  work.max_concurrency = fields_.whole({"max_concurrency"}, 1, 1'000'000).value_or(0);
  work.fail_fast = fields_.flag({"fail_fast"}).value_or(false);
  const Element* action = fields_.value({"action"});
  const Element* steps = fields_.value({"steps", "body"});
  const Element* subgraph = fields_.value({"subgraph", "workflow"});
  const auto given = (action != nullptr ? 1 : 0) + (steps != nullptr ? 1 : 0) + (subgraph != nullptr ? 1 : 0);
  if (given != 1) {
    faults().error("one-of", element_.place,
                   fmt::format("'{}' needs one of action, steps and subgraph, and has {}", node_.name,
                               given == 0 ? "none" : "more"));
    return Pass{};
  }
  if (subgraph != nullptr) {
    work.body = std::get<SubWorkflow>(read_subworkflow(*subgraph));
    return work;
  }
  Element one = Element::list_at(element_.place);
  if (action != nullptr) one.items.push_back(*action);
  work.body = read_body(action != nullptr ? one : *steps, action != nullptr ? "the action" : "the steps");
  return work;
}

Work NodeReader::read_subworkflow(const Element& path) {
  SubWorkflow work;
  if (path.text()) {
    work.path = *path.text();
  } else {
    faults().error("wrong-type", path.place, "a workflow is named by its file's path");
  }
  const Element* input = fields_.value({"input", "with"});
  const Element whole = Element::scalar_at(path.place, "{{ state }}");
  work.input = reader_.pattern(input == nullptr ? whole : *input);
  return work;
}

void NodeReader::read_output() {
  const Element* output = fields_.value({"output", "outputs"});
  if (output == nullptr) return;
  if (output->text()) {
    node_.output.key = *output->text();
    return;
  }
  if (!output->is_object()) {
    faults().error(
        "wrong-type", output->place,
        fmt::format("the output of '{}' is a key, or an object of keys and templates", node_.name));
    return;
  }
  for (const auto& [key, place, value] : output->members) {
    // A bare name is a part of the result: `answer: content`.
    const bool is_part = value.text() && value.text()->find_first_of("{ ") == std::string::npos;
    Element element = value;
    if (is_part) element.scalar = fmt::format("{{{{ result.{} }}}}", *value.text());
    node_.output.mapped.emplace_back(key, reader_.pattern(element));
  }
}

void NodeReader::read_gotos() {
  const Element* targets = fields_.value({"goto"});
  if (targets == nullptr) return;
  if (targets->text()) {
    node_.routes.push_back({std::nullopt, *targets->text(), targets->place});
    return;
  }
  if (!targets->is_list()) {
    faults().error("wrong-type", targets->place,
                   fmt::format("`goto` of '{}' is a node or a list of {{if, to}}", node_.name));
    return;
  }
  for (const Element& item : targets->items) {
    Fields fields(item, "an entry of goto", faults());
    Route route{std::nullopt, fields.text({"to"}).value_or(""), item.place};
    if (const Element* condition = fields.value({"if", "when", "condition"})) {
      route.condition = reader_.condition(*condition);
    }
    fields.pass_over({"else"});
    fields.finish();
    if (route.to.empty()) {
      faults().error("missing-key", item.place,
                     fmt::format("an entry of goto of '{}' has no `to`", node_.name));
      continue;
    }
    const bool is_last = !route.condition;
    node_.routes.push_back(std::move(route));
    if (is_last && &item != &targets->items.back()) {
      faults().add(
          Severity::kWarning, "never-reached", item.place,
          fmt::format("what follows this entry of '{}' is never taken, since it holds always", node_.name));
      break;
    }
  }
}

int64_t NodeReader::milliseconds(std::string_view in_ms, std::string_view in_seconds, int64_t otherwise) {
  if (const auto given = fields_.whole({in_ms}, 0, kLongestMilliseconds)) return *given;
  if (const auto given = fields_.number({in_seconds}, 0, static_cast<double>(kLongestMilliseconds) / 1000)) {
    return static_cast<int64_t>(*given * 1000);
  }
  return otherwise;
}

void NodeReader::read_policy() {
  ErrorPolicy& policy = node_.policy;
  node_.timeout_ms = milliseconds("timeout_ms", "timeout", 0);
  if (const auto fallback = fields_.text({"fallback"})) {
    policy.on_failure = ErrorPolicy::OnFailure::kGoTo;
    policy.fallback = *fallback;
  }
  const Element* given = fields_.value({"error_policy", "retry", "on_error", "error_handling"});
  if (given == nullptr) return;
  if (given->scalar.is_number_integer()) {
    policy.max_retries = fields_.whole({"retry"}, 0, 1000).value_or(0);
    return;
  }
  Fields fields(*given, "an error policy", faults());
  policy.max_retries = fields.whole({"max_retries", "retries", "max_attempts"}, 0, 1000).value_or(0);
  policy.backoff_base_ms =
      fields.whole({"backoff_base_ms", "backoff_ms"}, 0, kLongestMilliseconds).value_or(1000);
  policy.backoff_max_ms = fields.whole({"backoff_max_ms"}, 0, kLongestMilliseconds).value_or(60'000);
  policy.jitter = fields.flag({"jitter"}).value_or(true);
  if (const auto fallback = fields.text({"fallback"})) {
    policy.on_failure = ErrorPolicy::OnFailure::kGoTo;
    policy.fallback = *fallback;
  }
  if (const auto then = fields.text({"on_failure"})) {
    using enum ErrorPolicy::OnFailure;
    static const std::map<std::string, ErrorPolicy::OnFailure> kNamed = {
        {"fail", kFail},         {"error", kFail},    {"raise", kFail},
        {"continue", kContinue}, {"skip", kContinue}, {"ignore", kContinue}};
    const auto named = kNamed.find(*then);
    policy.on_failure = named == kNamed.end() ? kGoTo : named->second;
    if (named == kNamed.end()) policy.fallback = *then;  // the name of a node
  }
  fields.finish();
}

void NodeReader::read_interrupt() {
  static const std::map<std::string, InterruptWhen> kNamed = {
      {"before", InterruptWhen::kBefore}, {"after", InterruptWhen::kAfter}, {"both", InterruptWhen::kBoth}};
  const Element* given = fields_.value({"interrupt"});
  if (given == nullptr) return;
  const auto named = given->text() ? kNamed.find(*given->text()) : kNamed.end();
  if (named == kNamed.end()) {
    faults().error("wrong-value", given->place, "`interrupt` is one of before, after and both");
    return;
  }
  node_.interrupt = named->second;
}

void NodeReader::read_fan_in() {
  const Element* given = fields_.value({"fan_in"});
  if (given == nullptr) return;
  if (given->text()) {
    node_.fan_in = *given->text();
  } else if (!given->scalar.is_boolean()) {
    faults().error("wrong-type", given->place, "`fan_in` is true, or the node where branches meet");
  }
}

std::string name_of(const Element& element, size_t index) {
  for (const std::string_view key : {"name", "id"}) {
    if (const Element* name = element.find(key); name != nullptr && name->text() && !name->text()->empty()) {
      return *name->text();
    }
  }
  return unnamed(index);
}

}  // namespace

Graph read_nodes(const Element& list, std::string_view what, Reader& reader) {
  Graph graph;
  if (!list.is_list()) {
    reader.faults.error("wrong-type", list.place,
                        fmt::format("{} must be a list, not {}", what, list.described()));
    return graph;
  }
  graph.nodes.reserve(list.items.size());
  for (size_t i = 0; i < list.items.size(); ++i) {
    const Element& element = list.items[i];
    Node node = NodeReader(element, name_of(element, i), reader).read();
    const auto [first, is_new] = graph.numbers.emplace(node.name, i);
    if (!is_new) {
      reader.faults.error("duplicate-node", node.place,
                          fmt::format("there is a node '{}' already, in line {}", node.name,
                                      graph.nodes[first->second].place.line));
    } else if (node.name == kStart || node.name == kEnd) {
      reader.faults.error("reserved-name", node.place, fmt::format("'{}' is no name of a node", node.name));
    }
    graph.nodes.push_back(std::move(node));
  }
  return graph;
}

void route_in_order(Graph& graph) {
  const auto next = [&](size_t index) {
    return std::vector<Route>{{std::nullopt,
                               index < graph.nodes.size() ? graph.nodes[index].name : std::string(kEnd),
                               index < graph.nodes.size() ? graph.nodes[index].place : Place()}};
  };
  graph.start = next(0);
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    Node& node = graph.nodes[i];
    if (!node.routes.empty()) continue;
    node.routes =
        node.fan_in.empty() ? next(i + 1) : std::vector<Route>{{std::nullopt, node.fan_in, node.place}};
  }
}

}  // namespace hearth::workflow
