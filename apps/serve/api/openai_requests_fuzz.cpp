// Fuzzes what OpenAI's API and llama-server's make of a body: any becomes a request or a Refusal, and the
// options of a request are those that the engine takes.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "apps/serve/api/llama/completion_request.h"
#include "apps/serve/api/llama/generation_settings.h"
#include "apps/serve/api/openai/chat_request.h"
#include "apps/serve/api/openai/completion_request.h"
#include "apps/serve/http/exchange.h"
#include "apps/serve/json_text.h"
#include "apps/serve/refusal.h"

namespace hearth::serve::fuzzing {
namespace {

using nlohmann::ordered_json;

constexpr size_t kMostBytes = 4096;

void violated(const char* what, const std::string& shown) {
  std::fprintf(stderr, "violated: %s: %s\n", what, shown.c_str());
  std::abort();
}

/// What is wrong is said of the request.
void check_refusal(const Refusal& refusal) {
  if (refusal.status < 400 || refusal.status >= 500 || refusal.message.empty()) {
    violated("a body that is refused is the client's fault, and says why", refusal.message);
  }
}

template <typename Read>
void check(const ordered_json& body, const Read& read) {
  try {
    const auto request = read(body);
    if (!request.options.is_object()) violated("options are an object", json_text(request.options));
    const ordered_json tokens = {{"eos", 2}, {"eot", 2}};
    for (size_t choice = 0; choice < request.choices; ++choice) {
      const ordered_json options = openai::options_of_choice(request, choice);
      (void)llama::generation_settings(options, tokens, std::nullopt);
    }
  } catch (const Refusal& refusal) {
    check_refusal(refusal);
  }
}

}  // namespace
}  // namespace hearth::serve::fuzzing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace serve = hearth::serve;
  if (size > serve::fuzzing::kMostBytes) return 0;
  serve::Request request;
  request.body.assign(reinterpret_cast<const char*>(data), size);
  nlohmann::ordered_json body;
  try {
    body = serve::json_body(request);
  } catch (const serve::Refusal& refusal) {
    serve::fuzzing::check_refusal(refusal);
    return 0;
  }
  serve::fuzzing::check(body, serve::openai::read_chat_request);
  serve::fuzzing::check(body, serve::openai::read_completion_request);
  serve::fuzzing::check(body, serve::llama::read_completion_request);
  serve::fuzzing::check(body, serve::llama::read_infill_request);
  return 0;
}
