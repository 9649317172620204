#include "engine/workflow/actions/answers.h"

namespace hearth::workflow {
using Json = nlohmann::ordered_json;

namespace {

const Json* member(const Json& answer, std::string_view name) {
  const auto found = answer.find(name);
  return found == answer.end() ? nullptr : &*found;
}

}  // namespace

std::string text_in(const Json& answer, std::string_view name) {
  const Json* found = member(answer, name);
  return found != nullptr && found->is_string() ? found->get<std::string>() : "";
}

int64_t count_in(const Json& answer, std::string_view name) {
  // Millions of such counts add up without an overflow.
  constexpr uint64_t kMost = uint64_t{1} << 40;
  const Json* found = member(answer, name);
  if (found == nullptr || !found->is_number_integer() || *found < 0 || *found > kMost) return 0;
  return found->get<int64_t>();
}

const Json& list_in(const Json& answer, std::string_view name) {
  static const Json kNone = Json::array();
  const Json* found = member(answer, name);
  return found != nullptr && found->is_array() ? *found : kNone;
}

const Json& object_in(const Json& answer, std::string_view name) {
  static const Json kNone = Json::object();
  const Json* found = member(answer, name);
  return found != nullptr && found->is_object() ? *found : kNone;
}

}  // namespace hearth::workflow
