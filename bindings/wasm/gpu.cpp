#include "bindings/wasm/gpu.h"

#include <emscripten.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "bindings/gpu_properties.h"
#include "bindings/wasm/exchange.h"

// They call what the creator of the instance gave it as `host.gpu`. Those that can fail return minus the
// hearth_status then.
EM_JS(double, host_gpu_create_block, (double size), { return Module["host"]["gpu"]["create_block"](size); });
EM_JS(void, host_gpu_destroy_block, (double block), { Module["host"]["gpu"]["destroy_block"](block); });
EM_JS(double, host_gpu_kernel, (double name, double size),
      { return Module["host"]["gpu"]["kernel"](name, size); });
EM_JS(void, host_gpu_write, (double block, double offset, double from, double size),
      { Module["host"]["gpu"]["write"](block, offset, from, size); });
EM_JS(void, host_gpu_submit,
      (double commands, double command_words, double bindings, double binding_words, double parameters,
       double parameter_words, double data, double data_words),
      {
        Module["host"]["gpu"]["submit"](commands, command_words, bindings, binding_words, parameters,
                                        parameter_words, data, data_words);
      });
EM_JS(void, host_gpu_begin_read, (double block, double offset, double into, double size),
      { Module["host"]["gpu"]["begin_read"](block, offset, into, size); });
EM_JS(double, host_gpu_ready, (), { return Module["host"]["gpu"]["ready"](); });
EM_JS(double, host_gpu_wait, (), { return Module["host"]["gpu"]["wait"](); });
EM_JS(double, host_gpu_reopen, (), { return Module["host"]["gpu"]["reopen"](); });
EM_JS(void, host_gpu_begin_profile, (), { Module["host"]["gpu"]["begin_profile"](); });
EM_JS(double, host_gpu_kernel_calls, (double kernel),
      { return Module["host"]["gpu"]["kernel_calls"](kernel); });
EM_JS(double, host_gpu_kernel_seconds, (double kernel),
      { return Module["host"]["gpu"]["kernel_seconds"](kernel); });
// Leaves the message of the last failure in `into`, and returns its size.
EM_JS(double, host_gpu_message, (double into, double size),
      { return Module["host"]["gpu"]["message"](into, size); });

namespace hearth::wasm {
namespace {

std::string message;

/// Of what the host returned.
hearth_status status_of(double returned) {
  return returned < 0 ? static_cast<hearth_status>(static_cast<int>(-returned)) : HEARTH_OK;
}

/// A number that the host gave out.
hearth_status take(double returned, uint32_t* number) {
  if (returned >= 0) *number = static_cast<uint32_t>(returned);
  return status_of(returned);
}

const char* last_message(void* /*user*/) {
  message.resize(1024);
  message.resize(
      static_cast<size_t>(host_gpu_message(address(message.data()), static_cast<double>(message.size()))));
  return message.c_str();
}

hearth_status create_block(void* /*user*/, uint64_t size, uint32_t* block) {
  return take(host_gpu_create_block(static_cast<double>(size)), block);
}

void destroy_block(void* /*user*/, uint32_t block) { host_gpu_destroy_block(block); }

hearth_status make_kernel(void* /*user*/, const char* name, uint32_t* kernel) {
  const std::string_view text(name);
  return take(host_gpu_kernel(address(text.data()), static_cast<double>(text.size())), kernel);
}

void write(void* /*user*/, uint32_t block, uint64_t offset, const void* from, size_t size) {
  host_gpu_write(block, static_cast<double>(offset), address(from), static_cast<double>(size));
}

/// What JavaScript reads, it reads as words.
template <typename T>
double words(size_t count) {
  static_assert(sizeof(T) % sizeof(uint32_t) == 0);
  return static_cast<double>(count * (sizeof(T) / sizeof(uint32_t)));
}

void submit(void* /*user*/, const hearth_gpu_list* list) {
  host_gpu_submit(address(list->commands), words<hearth_gpu_command>(list->command_count),
                  address(list->bindings), words<hearth_gpu_binding>(list->binding_count),
                  address(list->parameters),
                  words<uint32_t>(list->command_count * HEARTH_GPU_PARAMETER_WORDS), address(list->data),
                  words<uint32_t>(list->data_words));
}

void begin_read(void* /*user*/, uint32_t block, uint64_t offset, void* into, size_t size) {
  host_gpu_begin_read(block, static_cast<double>(offset), address(into), static_cast<double>(size));
}

hearth_status ready(void* /*user*/, int* ready) {
  const double returned = host_gpu_ready();
  if (returned >= 0) *ready = returned > 0 ? 1 : 0;
  return status_of(returned);
}

hearth_status wait(void* /*user*/) { return status_of(host_gpu_wait()); }

hearth_status reopen(void* /*user*/) { return status_of(host_gpu_reopen()); }

void begin_profile(void* /*user*/) { host_gpu_begin_profile(); }

void kernel_time(void* /*user*/, uint32_t kernel, hearth_gpu_kernel_time* time) {
  time->calls = static_cast<uint64_t>(host_gpu_kernel_calls(kernel));
  time->seconds = host_gpu_kernel_seconds(kernel);
}

double number_of(const nlohmann::ordered_json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end()) return 0;
  return found->is_boolean() ? static_cast<double>(found->get<bool>()) : found->get<double>();
}

}  // namespace

const hearth_gpu_runner& host_gpu(const nlohmann::ordered_json& json) {
  // An instance has one model, and this is its GPU.
  static std::string name;
  static std::string driver;
  static hearth_gpu_properties properties;
  static hearth_gpu_runner runner;
  name = json.value("name", "");
  driver = json.value("driver", "");
  properties = gpu_properties(name, driver, [&](const char* key) { return number_of(json, key); });
  runner = {sizeof runner, &properties, nullptr, last_message,  create_block,
            destroy_block, make_kernel, write,   submit,        begin_read,
            ready,         wait,        reopen,  begin_profile, kernel_time};
  return runner;
}

}  // namespace hearth::wasm
