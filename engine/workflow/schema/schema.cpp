// Reads a schema: each keyword has a value of the type that it must have, references lead somewhere, patterns
// are regular expressions.
#include "engine/workflow/schema/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/grammar/json_schema/document.h"
#include "engine/grammar/regex.h"
#include "engine/text/json_text.h"
#include "engine/workflow/schema/parsed_schema.h"

namespace hearth::workflow {
using Json = nlohmann::ordered_json;

namespace {

using json_schema::Document;
using json_schema::pointer_step;
using json_schema::schema_error;

enum class Wanted : uint8_t {
  kSchema,
  kSchemas,
  kNamedSchemas,
  kItems,
  kCount,
  kNumber,
  kTexts,
  kText,
  kList,
  kFlag,
  kTypes
};

const std::map<std::string_view, Wanted> kKeywords = {{"additionalItems", Wanted::kSchema},
                                                      {"additionalProperties", Wanted::kSchema},
                                                      {"allOf", Wanted::kSchemas},
                                                      {"anyOf", Wanted::kSchemas},
                                                      {"contains", Wanted::kSchema},
                                                      {"else", Wanted::kSchema},
                                                      {"enum", Wanted::kList},
                                                      {"exclusiveMaximum", Wanted::kNumber},
                                                      {"exclusiveMinimum", Wanted::kNumber},
                                                      {"if", Wanted::kSchema},
                                                      {"items", Wanted::kItems},
                                                      {"maxItems", Wanted::kCount},
                                                      {"maxLength", Wanted::kCount},
                                                      {"maxProperties", Wanted::kCount},
                                                      {"maximum", Wanted::kNumber},
                                                      {"minItems", Wanted::kCount},
                                                      {"minLength", Wanted::kCount},
                                                      {"minProperties", Wanted::kCount},
                                                      {"minimum", Wanted::kNumber},
                                                      {"multipleOf", Wanted::kNumber},
                                                      {"not", Wanted::kSchema},
                                                      {"oneOf", Wanted::kSchemas},
                                                      {"pattern", Wanted::kText},
                                                      {"patternProperties", Wanted::kNamedSchemas},
                                                      {"prefixItems", Wanted::kSchemas},
                                                      {"properties", Wanted::kNamedSchemas},
                                                      {"propertyNames", Wanted::kSchema},
                                                      {"required", Wanted::kTexts},
                                                      {"then", Wanted::kSchema},
                                                      {"type", Wanted::kTypes},
                                                      {"uniqueItems", Wanted::kFlag}};

const std::set<std::string_view> kTypeNames = {"null",   "boolean", "integer", "number",
                                               "string", "array",   "object"};

bool is_schema(const Json& json) { return json.is_object() || json.is_boolean(); }

bool is_type(const Json& json) {
  return json.is_string() && kTypeNames.contains(json.get_ref<const std::string&>());
}

template <typename Test>
bool each(const Json& json, Test test) {
  return std::all_of(json.begin(), json.end(), test);
}

/// What the keyword must be; nothing where it is that.
std::string_view missed(Wanted wanted, const Json& value) {
  switch (wanted) {
    case Wanted::kSchema:
      return is_schema(value) ? "" : "a schema";
    case Wanted::kSchemas:
      return value.is_array() && !value.empty() && each(value, is_schema) ? "" : "a list of schemas";
    case Wanted::kItems:
      return is_schema(value) || (value.is_array() && each(value, is_schema)) ? "" : "a schema";
    case Wanted::kNamedSchemas:
      return value.is_object() && each(value, is_schema) ? "" : "an object of schemas";
    case Wanted::kCount:
      return value.is_number_unsigned() || (value.is_number_integer() && value.get<int64_t>() >= 0)
                 ? ""
                 : "a whole number from 0";
    case Wanted::kNumber:
      return value.is_number() ? "" : "a number";
    case Wanted::kTexts:
      return value.is_array() && each(value, [](const Json& item) { return item.is_string(); })
                 ? ""
                 : "a list of texts";
    case Wanted::kText:
      return value.is_string() ? "" : "a text";
    case Wanted::kList:
      return value.is_array() ? "" : "a list";
    case Wanted::kFlag:
      return value.is_boolean() ? "" : "true or false";
    case Wanted::kTypes:
      return is_type(value) || (value.is_array() && each(value, is_type))
                 ? ""
                 : "null, boolean, integer, number, string, array, object, or a list of these";
  }
  return "";
}

}  // namespace

/// Goes through all schemas of a document, those that references lead to included.
class SchemaReader {
 public:
  SchemaReader(Document& document, std::map<const Json*, const Json*>& references,
               std::map<std::string, RegularSet, std::less<>>& patterns)
      : document_(document), references_(references), patterns_(patterns) {}

  Result<void> read() {
    open_.push_back(document_.root());
    while (!open_.empty()) {
      const uint32_t place = open_.back();
      open_.pop_back();
      if (seen_.insert(place).second) HEARTH_TRY(read(place));
    }
    return {};
  }

 private:
  Result<void> read(uint32_t place) {
    const Json& schema = *document_[place].schema;
    if (!schema.is_object()) return {};
    for (auto entry = schema.begin(); entry != schema.end(); ++entry) {
      const std::string pointer = document_[place].pointer + pointer_step(entry.key());
      if (entry.key() == "$ref") {
        if (!entry.value().is_string())
          return schema_error(ErrorCode::kInvalidArgument, pointer, "it must be a text");
        HEARTH_ASSIGN(const uint32_t target, document_.resolve(place, entry.value().get<std::string>()));
        references_[&schema] = document_[target].schema;
        open_.push_back(target);
      } else if (entry.key().starts_with("unevaluated") || entry.key() == "$dynamicRef") {
        return schema_error(ErrorCode::kUnsupported, pointer, "it cannot be checked here");
      } else if (const auto known = kKeywords.find(entry.key()); known != kKeywords.end()) {
        HEARTH_TRY(read(place, known->second, entry.key(), entry.value()));
      }
    }
    return {};
  }

  Result<void> read(uint32_t place, Wanted wanted, const std::string& keyword, const Json& value) {
    const std::string step = pointer_step(keyword);
    if (const std::string_view must_be = missed(wanted, value); !must_be.empty()) {
      return schema_error(ErrorCode::kInvalidArgument, document_[place].pointer + step,
                          fmt::format("it must be {}", must_be));
    }
    if (keyword == "pattern") return read_pattern(place, step, value.get_ref<const std::string&>());
    if (keyword == "multipleOf" && value.get<double>() <= 0) {
      return schema_error(ErrorCode::kInvalidArgument, document_[place].pointer + step,
                          "it must be more than 0");
    }
    if (wanted == Wanted::kSchema || (wanted == Wanted::kItems && !value.is_array())) {
      open_.push_back(document_.below(place, value, step));
    } else if (wanted == Wanted::kSchemas || wanted == Wanted::kItems) {
      for (size_t i = 0; i < value.size(); ++i)
        open_.push_back(document_.below(place, value[i], fmt::format("{}/{}", step, i)));
    } else if (wanted == Wanted::kNamedSchemas) {
      for (auto entry = value.begin(); entry != value.end(); ++entry) {
        const std::string steps = step + pointer_step(entry.key());
        if (keyword == "patternProperties") HEARTH_TRY(read_pattern(place, steps, entry.key()));
        open_.push_back(document_.below(place, entry.value(), steps));
      }
    }
    return {};
  }

  Result<void> read_pattern(uint32_t place, const std::string& steps, const std::string& pattern) {
    if (patterns_.contains(pattern)) return {};
    Result<RegularSet> set = regular_set_of(pattern, RegexUse::kSomewhere);
    if (!set.ok())
      return schema_error(set.error().code, document_[place].pointer + steps, set.error().message);
    patterns_.emplace(pattern, std::move(set).value());
    return {};
  }

  Document& document_;
  std::map<const Json*, const Json*>& references_;
  std::map<std::string, RegularSet, std::less<>>& patterns_;
  std::vector<uint32_t> open_;
  std::set<uint32_t> seen_;
};

Result<Schema> Schema::read(const Json& json) {
  auto parsed = std::make_shared<Parsed>();
  HEARTH_ASSIGN(parsed->document, Document::read(write_json(json)));
  HEARTH_TRY(SchemaReader(*parsed->document, parsed->references, parsed->patterns).read());
  Schema schema;
  schema.parsed_ = std::move(parsed);
  return schema;
}

const Json& Schema::json() const {
  static const Json kNone;
  return parsed_ == nullptr ? kNone : *(*parsed_->document)[parsed_->document->root()].schema;
}

void Schema::fill_in(Json& object) const {
  const Json& schema = json();
  if (!schema.is_object() || !object.is_object() || !schema.contains("properties")) return;
  const Json& properties = schema["properties"];
  for (auto entry = properties.begin(); entry != properties.end(); ++entry) {
    const Json& property = entry.value();
    if (property.is_object() && property.contains("default") && !object.contains(entry.key()))
      object[entry.key()] = property["default"];
  }
}

}  // namespace hearth::workflow
