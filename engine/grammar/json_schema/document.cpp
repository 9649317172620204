#include "engine/grammar/json_schema/document.h"

#include <charconv>
#include <utility>

#include "engine/base/escaped.h"
#include "engine/grammar/json_schema/uri.h"
#include "engine/text/json_text.h"

namespace hearth::json_schema {
namespace {

// Keywords below which schemas stand.
constexpr std::string_view kOfOneSchema[] = {
    "items",         "additionalItems",  "additionalProperties", "not", "if", "then", "else", "contains",
    "propertyNames", "unevaluatedItems", "unevaluatedProperties"};
constexpr std::string_view kOfSeveral[] = {
    "allOf", "anyOf",       "oneOf",        "prefixItems",       "items",           "properties",
    "$defs", "definitions", "dependencies", "patternProperties", "dependentSchemas"};

bool is_schema(const Json& json) { return json.is_object() || json.is_boolean(); }

int draft_of(const Json& schema) {
  if (!schema.is_object() || !schema.contains("$schema") || !schema["$schema"].is_string()) return 2020;
  const std::string uri = schema["$schema"].get<std::string>();
  if (uri.find("draft-03") != std::string::npos || uri.find("draft-04") != std::string::npos) return 4;
  if (uri.find("draft-06") != std::string::npos) return 6;
  if (uri.find("draft-07") != std::string::npos) return 7;
  if (uri.find("2019-09") != std::string::npos) return 2019;
  return 2020;
}

std::string string_of(const Json& schema, std::string_view keyword) {
  const auto found = schema.find(std::string(keyword));
  return found != schema.end() && found->is_string() ? found->get<std::string>() : "";
}

/// The value a pointer leads to; nothing where it leads nowhere.
const Json* follow(const Json& from, std::string_view pointer) {
  const Json* at = &from;
  while (!pointer.empty()) {
    const size_t end = std::min(pointer.find('/', 1), pointer.size());
    std::string step;
    for (size_t i = 1; i < end; ++i) {
      const bool escape =
          pointer[i] == '~' && i + 1 < end && (pointer[i + 1] == '0' || pointer[i + 1] == '1');
      step += escape ? (pointer[++i] == '0' ? '~' : '/') : pointer[i];
    }
    pointer.remove_prefix(end);
    if (at->is_object()) {
      const auto found = at->find(step);
      if (found == at->end()) return nullptr;
      at = &*found;
    } else if (at->is_array()) {
      size_t index = 0;
      const auto parsed = std::from_chars(step.data(), step.data() + step.size(), index);
      if (step.empty() || parsed.ptr != step.data() + step.size() || index >= at->size()) return nullptr;
      at = &(*at)[index];
    } else {
      return nullptr;
    }
  }
  return at;
}

}  // namespace

std::string pointer_step(std::string_view name) {
  std::string step = "/";
  for (const char byte : name) {
    if (byte == '~') {
      step += "~0";
    } else if (byte == '/') {
      step += "~1";
    } else {
      step += byte;
    }
  }
  return step;
}

Error schema_error(ErrorCode code, const std::string& pointer, const std::string& what) {
  constexpr size_t kLongest = 300;
  std::string shown = escaped(pointer.substr(0, kLongest));
  if (pointer.size() > kLongest) shown += "...";
  return {code, std::string(kSchemaError) + "\"" + shown + "\": " + what};
}

Result<std::unique_ptr<Document>> Document::read(std::string_view text) {
  HEARTH_ASSIGN(Json parsed, parse_json(text, "JSON schema"));
  auto document = std::make_unique<Document>(std::move(parsed));
  const Json& json = document->json_;
  if (!is_schema(json)) {
    return schema_error(
        ErrorCode::kInvalidArgument, "",
        "a schema is an object or a boolean, not a value of type " + std::string(json_type(json)));
  }
  document->draft_ = draft_of(json);
  document->resources_[""] = {&json, "", ""};
  document->find_names(json, "", "");
  const std::string id = document->id_of(json);
  document->add(json, "", resolved_uri("", id.substr(0, id.find('#'))));
  return document;
}

uint32_t Document::add(const Json& schema, const std::string& pointer, const std::string& base) {
  const auto [entry, is_new] = known_.try_emplace(&schema, static_cast<uint32_t>(places_.size()));
  if (is_new) places_.push_back({&schema, pointer, base});
  return entry->second;
}

std::string Document::id_of(const Json& schema) const {
  if (!schema.is_object() || (draft_ <= 7 && schema.contains("$ref"))) return "";
  return string_of(schema, draft_ == 4 ? "id" : "$id");
}

uint32_t Document::below(uint32_t parent, const Json& schema, const std::string& steps) {
  const std::string id = id_of(schema);
  std::string base = places_[parent].base;
  if (!id.empty() && !id.starts_with('#')) {
    base = resolved_uri(base, id);
    base.resize(std::min(base.find('#'), base.size()));
  }
  return add(schema, places_[parent].pointer + steps, base);
}

void Document::find_names(const Json& schema, const std::string& pointer, std::string base) {
  if (!schema.is_object()) return;
  const std::string id = id_of(schema);
  if (!id.empty()) {
    const std::string uri = resolved_uri(base, id);
    if (id.starts_with('#')) {
      anchors_.try_emplace(uri, Named{&schema, pointer, base});
    } else {
      base = uri.substr(0, uri.find('#'));
      resources_.try_emplace(base, Named{&schema, pointer, base});
    }
  }
  for (const std::string_view keyword : {"$anchor", "$dynamicAnchor"}) {
    const std::string name = string_of(schema, keyword);
    if (!name.empty()) anchors_.try_emplace(base + "#" + name, Named{&schema, pointer, base});
  }
  find_names_within(schema, pointer, base);
}

void Document::find_names_within(const Json& schema, const std::string& pointer, const std::string& base) {
  for (const std::string_view keyword : kOfOneSchema) {
    const auto found = schema.find(std::string(keyword));
    if (found != schema.end()) find_names(*found, pointer + pointer_step(keyword), base);
  }
  for (const std::string_view keyword : kOfSeveral) {
    const auto found = schema.find(std::string(keyword));
    if (found == schema.end()) continue;
    const std::string within = pointer + pointer_step(keyword);
    if (found->is_array()) {
      for (size_t i = 0; i < found->size(); ++i) {
        find_names((*found)[i], within + "/" + std::to_string(i), base);
      }
    } else if (found->is_object() && keyword != "items") {
      for (const auto& [name, member] : found->items()) find_names(member, within + pointer_step(name), base);
    }
  }
}

Result<uint32_t> Document::resolve(uint32_t from, const std::string& reference) {
  const Place place = places_[from];
  const auto dangling = [&](const std::string& what) {
    return schema_error(ErrorCode::kInvalidArgument, place.pointer + "/$ref",
                        "the reference '" + escaped(reference) + "' " + what);
  };
  const std::string uri = resolved_uri(place.base, reference);
  const size_t hash = std::min(uri.find('#'), uri.size());
  const std::string fragment = hash < uri.size() ? percent_decoded(uri.substr(hash + 1)) : "";
  if (!fragment.empty() && !fragment.starts_with('/')) {
    const auto anchor = anchors_.find(uri.substr(0, hash) + "#" + fragment);
    if (anchor == anchors_.end()) return dangling("names no anchor of this schema");
    return add(*anchor->second.schema, anchor->second.pointer, anchor->second.base);
  }
  const auto resource = resources_.find(uri.substr(0, hash));
  if (resource == resources_.end()) return dangling("leads out of this schema; put what it means into $defs");
  const Named& named = resource->second;
  const Json* target = follow(*named.schema, fragment);
  if (target == nullptr) return dangling("leads nowhere");
  if (!is_schema(*target)) return dangling("leads to what is no schema");
  return add(*target, named.pointer + fragment, named.base);
}

}  // namespace hearth::json_schema
