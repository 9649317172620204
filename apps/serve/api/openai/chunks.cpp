#include "apps/serve/api/openai/chunks.h"

#include <utility>

namespace hearth::serve::openai {

using nlohmann::ordered_json;

ordered_json chunk_of(const ordered_json& head, ordered_json choice, const GenerationRequest& request) {
  ordered_json chunk = head;
  chunk["choices"] = ordered_json::array({std::move(choice)});
  if (request.include_usage) chunk["usage"] = nullptr;
  return chunk;
}

Awaitable<> end_chunks(Exchange& exchange, const ordered_json& head, const GenerationRequest& request,
                       const Usage& usage, const AnswerFigures& figures) {
  if (request.include_usage) {
    ordered_json last = head;
    last["choices"] = ordered_json::array();
    last["usage"] = usage_json(usage);
    last["timings"] = timings_json(figures);
    co_await write_event(exchange, last);
  }
  co_await exchange.write("data: [DONE]\n\n");
  co_await exchange.end();
}

}  // namespace hearth::serve::openai
