#include "apps/serve/config/load_option.h"

#include <nlohmann/json.hpp>

#include "engine/hearth.h"

namespace hearth::serve {

Result<void> check_load_option(const std::string& name, const nlohmann::ordered_json& value) {
  nlohmann::ordered_json options = nlohmann::ordered_json::object();
  options[name] = value;
  const std::string json = options.dump();
  hearth_model_options given;
  hearth_model_options_init(&given, sizeof(given));
  given.json = json.c_str();
  // The engine reads the options first. What it then thinks of a model without a byte is no matter.
  hearth_source nothing{};
  nothing.read = [](void* /*user*/, uint64_t /*offset*/, void* /*into*/, size_t /*size*/) { return 1; };
  hearth_memory_need need{};
  need.struct_size = sizeof(need);
  if (hearth_model_memory_need(&nothing, 1, &given, &need) != HEARTH_INVALID_ARGUMENT) return {};
  return Error{ErrorCode::kInvalidArgument, hearth_error_message()};
}

}  // namespace hearth::serve
