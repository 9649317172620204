// What of a schema is looked up but once: where references lead, and the sets of texts of patterns.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/grammar/json_schema/document.h"
#include "engine/grammar/regular_set.h"
#include "engine/workflow/schema/schema.h"

namespace hearth::workflow {

struct Schema::Parsed {
  std::unique_ptr<json_schema::Document> document;
  std::map<const Json*, const Json*> references;            // from a schema to the one that it refers to
  std::map<std::string, RegularSet, std::less<>> patterns;  // by how they are written
};

}  // namespace hearth::workflow
