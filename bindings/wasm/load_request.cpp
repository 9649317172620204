#include "bindings/wasm/load_request.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "engine/text/json_text.h"

namespace hearth::wasm {

Result<void> LoadRequest::read(std::string_view text) {
  HEARTH_ASSIGN(const auto request, parse_json(text, "the request"));
  if (!request.is_object()) return Error{ErrorCode::kInvalidArgument, "the request must be an object"};
  for (const auto& from : request.value("parts", nlohmann::ordered_json::array())) {
    Part part;
    part.name = from.value("name", "");
    part.size = static_cast<uint64_t>(from.value("size", 0.0));
    part.address = from.value("address", 0.0);
    part.reads_ahead = from.value("readsAhead", false);
    in_memory = part.address != 0;
    parts.push_back(std::move(part));
  }
  options = write_json(request.value("options", nlohmann::ordered_json::object()));
  gpu = request.value("gpu", nlohmann::ordered_json());
  return {};
}

}  // namespace hearth::wasm
