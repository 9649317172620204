#include <string>

#include "engine/grammar/json_schema/keywords.h"

namespace hearth::json_schema {
namespace {

/// A list of schemas for the first items.
Result<void> read_first(const Keywords& keywords, const std::string& keyword, const Json& schemas,
                        ArraySet& array) {
  if (!schemas.is_array()) return keywords.invalid("/" + keyword, "here should be a list of schemas");
  for (size_t i = 0; i < schemas.size(); ++i) {
    HEARTH_ASSIGN(const FormulaId item, keywords.schema(schemas[i], "/" + keyword + "/" + std::to_string(i)));
    array.first.push_back(item);
  }
  return {};
}

Result<void> read_rest(const Keywords& keywords, const std::string& keyword, ArraySet& array) {
  const Json* rest = keywords.find(keyword);
  if (rest == nullptr) return {};
  HEARTH_ASSIGN(array.rest, keywords.schema(*rest, "/" + keyword));
  return {};
}

/// As drafts before 2020 wrote it, a list of schemas may stand at `items` itself.
Result<void> read_items(const Keywords& keywords, ArraySet& array) {
  const Json* items = keywords.find("items");
  if (items != nullptr && items->is_array()) {
    HEARTH_TRY(read_first(keywords, "items", *items, array));
    return read_rest(keywords, "additionalItems", array);
  }
  if (const Json* first = keywords.find("prefixItems"); first != nullptr && keywords.draft() == 2020) {
    HEARTH_TRY(read_first(keywords, "prefixItems", *first, array));
  }
  return read_rest(keywords, "items", array);
}

Result<void> read_contains(const Keywords& keywords, ArraySet& array) {
  const Json* contains = keywords.find("contains");
  if (contains == nullptr || keywords.draft() == 4) return {};
  HEARTH_ASSIGN(const FormulaId items, keywords.schema(*contains, "/contains"));
  const bool counted = keywords.draft() >= 2019;
  std::optional<uint64_t> least;
  std::optional<uint64_t> most;
  if (counted) {
    HEARTH_ASSIGN(least, keywords.count("minContains"));
    HEARTH_ASSIGN(most, keywords.count("maxContains"));
  }
  array.counts.push_back({0, items, least.value_or(1), most});
  return {};
}

}  // namespace

Result<void> read_arrays(const Keywords& keywords, ArraySet& array) {
  HEARTH_TRY(read_items(keywords, array));
  HEARTH_TRY(read_contains(keywords, array));
  HEARTH_ASSIGN(const std::optional<uint64_t> least, keywords.count("minItems"));
  HEARTH_ASSIGN(const std::optional<uint64_t> most, keywords.count("maxItems"));
  array.least = least.value_or(0);
  array.most = most;
  const Json* unique = keywords.find("uniqueItems");
  if (unique != nullptr && *unique == Json(true)) array.unique = keywords.pointer("/uniqueItems");
  return {};
}

}  // namespace hearth::json_schema
