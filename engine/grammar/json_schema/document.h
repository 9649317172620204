// The text of a schema, the schemas within it, and what their references lead to.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/base/result.h"

namespace hearth::json_schema {

using Json = nlohmann::ordered_json;

/// A schema, which is an object or a boolean, within the document.
struct Place {
  const Json* schema;
  std::string pointer;  // a JSON pointer from the document's root
  std::string base;     // the URI that its references start from; empty where none was given
};

class Document {
 public:
  explicit Document(Json json) : json_(std::move(json)) {}
  Document(const Document&) = delete;  // places point into it
  Document& operator=(const Document&) = delete;

  /// INVALID_ARGUMENT where the text is no JSON, or no schema.
  static Result<std::unique_ptr<Document>> read(std::string_view text);

  const Place& operator[](uint32_t place) const { return places_[place]; }
  uint32_t root() const { return 0; }
  /// The year of the draft by the root's `$schema`, 2020 where it has none; drafts before 2019 by their
  /// number, 4, 6 or 7.
  int draft() const { return draft_; }

  /// The schema below a keyword of another: `steps` is that keyword with what follows, "/items/0".
  uint32_t below(uint32_t parent, const Json& schema, const std::string& steps);
  /// INVALID_ARGUMENT where it leads nowhere or out of the document.
  Result<uint32_t> resolve(uint32_t from, const std::string& reference);

 private:
  /// The URI that a schema gives itself, or "#" and an anchor; empty where it gives none.
  std::string id_of(const Json& schema) const;
  uint32_t add(const Json& schema, const std::string& pointer, const std::string& base);
  void find_names(const Json& schema, const std::string& pointer, std::string base);
  void find_names_within(const Json& schema, const std::string& pointer, const std::string& base);

  struct Named {
    const Json* schema;
    std::string pointer;
    std::string base;
  };

  Json json_;
  int draft_ = 2020;
  std::vector<Place> places_;
  std::unordered_map<const Json*, uint32_t> known_;
  std::map<std::string, Named> resources_;  // by URI
  std::map<std::string, Named> anchors_;    // by URI and fragment
};

/// "~" and "/" as JSON pointers write them.
std::string pointer_step(std::string_view name);

/// The error of a place within a schema, and what its message begins with.
inline constexpr std::string_view kSchemaError = "JSON schema, at ";
Error schema_error(ErrorCode code, const std::string& pointer, const std::string& what);

}  // namespace hearth::json_schema
