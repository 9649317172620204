#include "apps/serve/api/openai/infill.h"

#include <fmt/format.h>

#include "apps/serve/refusal.h"

namespace hearth::serve::openai {

namespace {

int32_t required_token(const ModelUse& model, const char* name, const char* what) {
  const int32_t token = special_token(model, name);
  if (token != kNoToken) return token;
  throw Refusal(
      Error{ErrorCode::kUnsupported,
            fmt::format("the vocabulary of '{}' has no token for {} of a text whose middle is asked "
                        "for; models that were trained to fill in code have one",
                        model.id(), what)});
}

}  // namespace

int32_t special_token(const ModelUse& model, const char* name) {
  const auto tokens = model.info().find("tokens");
  return tokens == model.info().end() ? kNoToken : tokens->value(name, kNoToken);
}

FillTokens fill_tokens(const ModelUse& model) {
  return {required_token(model, "fimPrefix", "the beginning"), required_token(model, "fimSuffix", "the end"),
          required_token(model, "fimMiddle", "the middle")};
}

Awaitable<std::vector<int32_t>> beginning_of_text(ModelUse& model) {
  std::vector<int32_t> added = co_await model.tokenize("", true, false);
  if (added.empty() || added.front() != special_token(model, "bos")) co_return std::vector<int32_t>();
  added.resize(1);  // an end may follow it
  co_return added;
}

Awaitable<std::vector<int32_t>> infill_tokens(ModelUse& model, std::string prefix, std::string suffix) {
  const FillTokens marks = fill_tokens(model);
  std::vector<int32_t> tokens = co_await beginning_of_text(model);
  const std::vector<int32_t> before = co_await model.tokenize(std::move(prefix), false, false);
  const std::vector<int32_t> behind = co_await model.tokenize(std::move(suffix), false, false);
  tokens.push_back(marks.prefix);
  tokens.insert(tokens.end(), before.begin(), before.end());
  tokens.push_back(marks.suffix);
  tokens.insert(tokens.end(), behind.begin(), behind.end());
  tokens.push_back(marks.middle);
  co_return tokens;
}

}  // namespace hearth::serve::openai
