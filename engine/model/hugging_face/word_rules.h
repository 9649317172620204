// The rules by which a tokenizer.json cuts words, as GGUF names them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/model/hugging_face/json_file.h"

namespace hearth {

/// The text, or true, that is a member of `object`; "" or false where it is none.
std::string text_of(const nlohmann::json& object, const char* key);
bool flag_of(const nlohmann::json& object, const char* key);

/// The steps of a "Sequence", which are in its member `list`, or the single step.
std::vector<nlohmann::json> steps_of(const nlohmann::json* whole, const char* list);

/// By the rules themselves, not by a model's name. UNSUPPORTED_MODEL for others than those known.
Result<std::string_view> word_rules(const JsonFile& tokenizer);

}  // namespace hearth
