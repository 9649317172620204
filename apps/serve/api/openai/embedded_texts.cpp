#include "apps/serve/api/openai/embedded_texts.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>

#include "apps/serve/refusal.h"
#include "engine/options/option_values.h"

namespace hearth::serve::openai {

using nlohmann::ordered_json;

namespace {

/// Of one call of the engine, which computes nothing else as long as that lasts.
constexpr size_t kMostTokensAtOnce = 2048;

void check_makes_vectors(const ModelUse& model) {
  if (model.info().value("pooling", "") != "rank") return;
  throw Refusal(400, ErrorCode::kUnsupported,
                fmt::format("'{}' ranks documents and makes no vectors: ask /v1/rerank", model.id()))
      .about("model");
}

void check_fits(const ModelUse& model, size_t tokens, size_t text) {
  const auto context = model.info().value("contextSize", size_t{0});
  if (tokens <= context) return;
  throw Refusal(
      Error{ErrorCode::kContextOverflow,
            fmt::format("text {} is too large: its {} tokens exceed the available context size of {}", text,
                        tokens, context)})
      .with("n_prompt_tokens", static_cast<int64_t>(tokens))
      .with("n_ctx", static_cast<int64_t>(context));
}

/// The vectors of the texts from `first` on that fit into one call.
Awaitable<> embed_some(ModelUse& model, const std::vector<std::vector<int32_t>>& texts, size_t first,
                       const ordered_json& options, Vectors& vectors) {
  ordered_json some = ordered_json::array();
  size_t tokens = 0;
  for (size_t text = first; text < texts.size(); ++text) {
    tokens += texts[text].size();
    if (text > first && tokens > kMostTokensAtOnce) break;
    some.push_back(texts[text]);
  }
  const size_t count = some.size();
  ordered_json arguments = ordered_json::array({std::move(some), options, first, texts.size()});
  const Reply reply = co_await model.call("embed", std::move(arguments));
  const std::vector<float> all = reply.floats();
  const auto length = static_cast<std::ptrdiff_t>(all.size() / count);
  for (auto at = all.begin(); at != all.end(); at += length) vectors.emplace_back(at, at + length);
}

}  // namespace

Awaitable<Vectors> embed_texts(ModelUse& model, const std::vector<Prompt>& texts, ordered_json options) {
  check_makes_vectors(model);
  std::vector<std::vector<int32_t>> tokens;
  for (const Prompt& text : texts) {
    std::vector<int32_t> of_text = co_await tokens_of(model, text, false);
    check_fits(model, of_text.size(), tokens.size());
    tokens.push_back(std::move(of_text));
  }
  Vectors vectors;
  while (vectors.size() < tokens.size()) {
    co_await embed_some(model, tokens, vectors.size(), options, vectors);
  }
  co_return vectors;
}

ordered_json vector_json(const std::vector<float>& vector) {
  ordered_json json = ordered_json::array();
  for (const float value : vector) json.push_back(decimal(value));
  return json;
}

std::string vector_base64(const std::vector<float>& vector) {
  const size_t size = vector.size() * sizeof(float);
  std::string text((size + 2) / 3 * 4 + 1, '\0');  // with the NUL that OpenSSL writes
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(vector.data()), static_cast<int>(size));
  text.resize(static_cast<size_t>(length));
  return text;
}

}  // namespace hearth::serve::openai
