#include "apps/serve/api/openai/infill.h"

#include <fmt/format.h>

#include "apps/serve/refusal.h"

namespace hearth::serve::openai {

using nlohmann::ordered_json;

namespace {

constexpr int32_t kNone = -1;

int32_t special_token(const ModelUse& model, const char* name) {
  const auto tokens = model.info().find("tokens");
  return tokens == model.info().end() ? kNone : tokens->value(name, kNone);
}

int32_t required_token(const ModelUse& model, const char* name, const char* what) {
  const int32_t token = special_token(model, name);
  if (token != kNone) return token;
  throw Refusal(
      Error{ErrorCode::kUnsupported,
            fmt::format("the vocabulary of '{}' has no token for {} of a text whose middle is asked "
                        "for; models that were trained to fill in code have one",
                        model.id(), what)});
}

/// A prompt that grows by tokens and texts.
class TokenList {
 public:
  explicit TokenList(ModelUse& model) : model_(model) {}

  void add(int32_t token) {
    if (token != kNone) tokens.push_back(token);
  }
  Awaitable<> add(std::string text) {
    const std::vector<int32_t> more = co_await model_.tokenize(std::move(text), false, false);
    tokens.insert(tokens.end(), more.begin(), more.end());
  }

  std::vector<int32_t> tokens;

 private:
  ModelUse& model_;
};

}  // namespace

Awaitable<std::vector<int32_t>> infill_tokens(ModelUse& model, Infill infill) {
  const int32_t prefix = required_token(model, "fimPrefix", "the beginning");
  const int32_t suffix = required_token(model, "fimSuffix", "the end");
  const int32_t middle = required_token(model, "fimMiddle", "the middle");
  const int32_t separator = special_token(model, "fimFileSeparator");
  TokenList list(model);
  list.add(special_token(model, "bos"));
  if (!infill.files.empty() && separator != kNone) {
    const int32_t repository = special_token(model, "fimRepository");
    list.add(repository);
    if (repository != kNone) co_await list.add(std::string("project\n"));
  }
  for (const InfillFile& file : infill.files) {
    list.add(separator);
    std::string text = separator == kNone ? file.text : file.name + "\n" + file.text;
    co_await list.add(std::move(text));
  }
  if (!infill.files.empty() && separator != kNone) {
    list.add(separator);
    co_await list.add(std::string("file\n"));
  }
  list.add(prefix);
  co_await list.add(infill.prefix);
  list.add(suffix);
  co_await list.add(infill.suffix);
  list.add(middle);
  co_await list.add(infill.begun);
  co_return std::move(list.tokens);
}

}  // namespace hearth::serve::openai
