#include "bindings/wasm/exchange.h"

#include <emscripten.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <new>
#include <nlohmann/json.hpp>

EM_JS(void, host_out_of_memory, (), { Module["host"]["out_of_memory"](); });

namespace hearth::wasm {

std::string result;

std::string to_text(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

nlohmann::json error_json(hearth_status status, const char* message) {
  return {{"code", hearth_status_name(status)}, {"message", message}};
}

int fail(hearth_status status, const char* message) {
  result = to_text(error_json(status, message));
  return kFailed;
}

int report(hearth_status status) { return status == HEARTH_OK ? 0 : fail(status, hearth_error_message()); }

void tell_when_memory_is_full() { std::set_new_handler(host_out_of_memory); }

}  // namespace hearth::wasm

using namespace hearth::wasm;

extern "C" {

EMSCRIPTEN_KEEPALIVE double hearth_wasm_allocate(double size) {
  if (!(size >= 0 && size < static_cast<double>(std::numeric_limits<size_t>::max()))) return 0;
  return address(std::malloc(std::max<size_t>(1, static_cast<size_t>(size))));
}
EMSCRIPTEN_KEEPALIVE void hearth_wasm_free(double address) { std::free(pointer(address)); }

EMSCRIPTEN_KEEPALIVE double hearth_wasm_result() { return address(result.data()); }
EMSCRIPTEN_KEEPALIVE double hearth_wasm_result_size() { return static_cast<double>(result.size()); }

}  // extern "C"
