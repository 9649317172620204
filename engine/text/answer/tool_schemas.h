// The tools of a request, as an answer's reader needs them: their names, and which values are strings.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace hearth {

/// Whether the value of one of these parameters may be a string; nothing where the schema does not tell.
std::optional<bool> takes_string(const nlohmann::ordered_json& parameters, std::string_view parameter);

class ToolSchemas {
 public:
  /// Nothing is known of the tools: any name may be one.
  ToolSchemas() = default;
  /// OpenAI's function tools. Whatever is none is passed over.
  explicit ToolSchemas(const nlohmann::ordered_json& tools);

  /// Whether calls can be expected at all.
  bool any() const { return !parameters_ || !parameters_->empty(); }
  bool may_be(std::string_view name) const { return !parameters_ || parameters_->contains(name); }
  /// The one tool that takes code as it is, if its name is among the tools: "python" or "code_interpreter".
  std::string code_tool() const;

  /// The same for a parameter of a tool.
  std::optional<bool> takes_string(std::string_view name, std::string_view parameter) const;

 private:
  std::optional<nlohmann::ordered_json> parameters_;  // schemas, by the tools' names
};

}  // namespace hearth
