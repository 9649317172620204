#include "engine/workflow/definition/reader.h"

#include <fmt/format.h>

namespace hearth::workflow {
namespace {

constexpr std::string_view kBadTemplate = "bad-template";

}  // namespace

Pattern Reader::pattern(const Element& element) {
  std::vector<Pattern::BadTemplate> bad;
  Pattern pattern(element, bad);
  for (const auto& [place, message] : bad) faults.error(kBadTemplate, place, message);
  return pattern;
}

Schema Reader::schema(const nlohmann::ordered_json& json, Place place) {
  Result<Schema> schema = Schema::read(json);
  if (schema.ok()) return std::move(schema).value();
  const bool is_unsupported = schema.error().code == ErrorCode::kUnsupported;
  faults.add(is_unsupported ? Severity::kUnsupported : Severity::kError, "bad-schema", place,
             schema.error().message);
  return {};
}

std::optional<PlacedTemplate> Reader::condition(const Element& element) {
  if (const Element* value = element.find("value"); value != nullptr && element.is_object()) {
    Fields fields(element, "a condition", faults);
    const std::string type = fields.text({"type"}).value_or("expression");
    if (type != "expression") {
      faults.add(Severity::kUnsupported, "unsupported-condition", element.place,
                 fmt::format("conditions of type '{}' are not run; write an expression of Jinja", type));
    }
    fields.value({"value"});
    fields.finish();
    return condition(*value);
  }
  std::string source;
  if (element.text()) {
    source = *element.text();
  } else if (element.scalar.is_boolean()) {
    source = element.scalar.get<bool>() ? "true" : "false";
  } else {
    faults.error("wrong-type", element.place,
                 fmt::format("a condition is an expression, not {}", element.described()));
    return std::nullopt;
  }
  Result<Template> read = Template::condition(source);
  if (!read.ok()) {
    faults.error(kBadTemplate, element.place,
                 fmt::format("the condition cannot be read: {}", read.error().message));
    return std::nullopt;
  }
  return PlacedTemplate{std::move(read).value(), element.place};
}

}  // namespace hearth::workflow
