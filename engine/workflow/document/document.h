// A document as its author wrote it: values of JSON, each with its place in the text.
//
// YAML is read outside of the engine, by a library that each platform has; what it hands over is the list of
// events of YAML's own model, from which compose() makes the document. So anchors, merges, types and limits
// are the same everywhere.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"

namespace hearth::workflow {

/// Line and column from 1, the column in characters. A document that was made rather than written has 0, 0.
struct Place {
  int line = 0;
  int column = 0;
  bool operator==(const Place&) const = default;
};

/// A value in a document. A list or an object has its elements as elements, with places of their own.
struct Element {
  struct Member;

  enum class Kind : uint8_t { kScalar, kList, kObject };

  Place place;
  Kind kind = Kind::kScalar;
  nlohmann::ordered_json scalar =
      nlohmann::ordered_json::value_t::null;  // of what is neither list nor object
  std::vector<Element> items;                 // of a list
  std::vector<Member> members;                // of an object, in order; no two have one key

  static Element scalar_at(Place place, nlohmann::ordered_json scalar);
  /// Without elements yet.
  static Element list_at(Place place);
  static Element object_at(Place place);

  bool is_list() const { return kind == Kind::kList; }
  bool is_object() const { return kind == Kind::kObject; }
  bool is_null() const { return kind == Kind::kScalar && scalar.is_null(); }
  /// Null where the element is no text.
  const std::string* text() const { return scalar.get_ptr<const std::string*>(); }
  /// The value of a key; null where there is none.
  const Element* find(std::string_view key) const;
  /// "a list", "a text", ...: how messages call it.
  std::string_view described() const;
  /// Without places.
  nlohmann::ordered_json json() const;
};

struct Element::Member {
  std::string key;
  Place place;  // of the key
  Element value;
};

/// The document that a list of events makes. An event is a list: its kind, line, column, and what it has:
///
///   ["[", 1, 1, ANCHOR, TAG]  ["]"]        a list between them; "" where there is no anchor or tag
///   ["{", 1, 1, ANCHOR, TAG]  ["}"]        an object: keys and values in turns
///   ["=", 1, 3, TEXT, STYLE, ANCHOR, TAG]  a scalar; STYLE is "plain" where it has no quotes and is no block
///   ["*", 1, 3, NAME]                      an alias
///
/// Plain scalars have the types of YAML 1.2's core schema; a tag of that schema sets one. `<<` merges.
/// INVALID_ARGUMENT, "NAME:LINE:COLUMN: ...", for any other tag, an unknown anchor, a key that is there
/// twice, and what is larger than a document may be: aliases count with all that they stand for.
Result<Element> compose(const nlohmann::ordered_json& events, std::string_view name);

}  // namespace hearth::workflow
