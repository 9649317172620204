// Reads an object of a document key by key, and takes down what is wrong: a value of another type than it
// must be, a key that nobody asked for.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/workflow/definition/faults.h"
#include "engine/workflow/document/document.h"

namespace hearth::workflow {

class Fields {
 public:
  /// The spellings of one key, of which an object may have one.
  using Spellings = std::initializer_list<std::string_view>;

  /// `what` the object is, for messages: "a node". One that is no object is a fault, and has no keys.
  Fields(const Element& object, std::string_view what, Faults& faults);
  Fields(const Fields&) = delete;
  Fields& operator=(const Fields&) = delete;

  Place place() const { return object_.place; }

  // Each gives nothing where the key is not there, or is wrong, which is then a fault.
  const Element* value(Spellings spellings);
  std::optional<std::string> text(Spellings spellings);
  std::optional<int64_t> whole(Spellings spellings, int64_t least, int64_t most);
  std::optional<double> number(Spellings spellings, double least, double most);
  std::optional<bool> flag(Spellings spellings);
  /// A text, or a list of texts.
  std::vector<std::string> texts(Spellings spellings);

  /// Keys that are known and mean nothing here.
  void pass_over(Spellings spellings);
  /// What has not been asked for is a fault; call it last.
  void finish();

 private:
  void must_be(const Element& value, std::string_view wanted);

  const Element& object_;
  const std::string what_;
  Faults& faults_;
  std::vector<std::string> known_;
};

}  // namespace hearth::workflow
