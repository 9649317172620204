// A value with templates in its texts: the parameters of an action, the input of a workflow.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/workflow/document/document.h"
#include "engine/workflow/expression/template.h"

namespace hearth::workflow {

/// Made once of an element of the document; copies share nothing that changes.
class Pattern {
 public:
  struct BadTemplate {
    Place place;
    std::string message;
  };

  Pattern() = default;
  /// A text that is no template is taken down in `faults`.
  Pattern(const Element& element, std::vector<BadTemplate>& faults);

  /// Its value where names stand for what they do now. INVALID_ARGUMENT, "LINE:COLUMN: ...", as
  /// Template::value has it.
  Result<nlohmann::ordered_json> value(const Names& names) const;
  Place place() const { return place_; }
  /// Calls visit(const Template&, Place) for each template in it.
  template <typename Visit>
  void each_template(Visit visit) const;

 private:
  Place place_;
  nlohmann::ordered_json constant_ =
      nlohmann::ordered_json::value_t::null;  // where nothing in it is a template
  std::optional<Template> text_;              // of a text that is one
  std::vector<Pattern> items_;                // of a list or an object with templates
  std::vector<std::string> keys_;             // of an object, one for each of items_
  bool is_constant_ = true;
};

template <typename Visit>
void Pattern::each_template(Visit visit) const {
  if (text_) visit(*text_, place_);
  for (const Pattern& item : items_) item.each_template(visit);
}

}  // namespace hearth::workflow
