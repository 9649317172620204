#include "apps/serve/api/llama/routes.h"

namespace hearth::serve::llama {

void add_routes(Routes& routes) {
  const Route ours[] = {
      {"POST", "/completion", Dialect::kOpenai, completion},
      {"POST", "/completions", Dialect::kOpenai, completion},
      {"POST", "/infill", Dialect::kOpenai, infill},
      {"POST", "/tokenize", Dialect::kOpenai, tokenize},
      {"POST", "/v1/tokenize", Dialect::kOpenai, tokenize},
      {"POST", "/detokenize", Dialect::kOpenai, detokenize},
      {"POST", "/v1/detokenize", Dialect::kOpenai, detokenize},
      {"POST", "/apply-template", Dialect::kOpenai, apply_template},
      {"POST", "/v1/apply-template", Dialect::kOpenai, apply_template},
      {"POST", "/embedding", Dialect::kOpenai, embedding},
      {"POST", "/embeddings", Dialect::kOpenai, embedding},
      {"GET", "/props", Dialect::kOpenai, props},
      {"POST", "/props", Dialect::kOpenai, change_props},
      {"GET", "/slots", Dialect::kOpenai, slots},
      {"POST", "/slots/*", Dialect::kOpenai, change_slot},
      {"GET", "/lora-adapters", Dialect::kOpenai, list_adapters},
      {"POST", "/lora-adapters", Dialect::kOpenai, change_adapters},
  };
  routes.insert(routes.end(), std::begin(ours), std::end(ours));
}

}  // namespace hearth::serve::llama
