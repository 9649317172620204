#include "apps/serve/api/llama/infill_prompt.h"

#include <algorithm>

#include "apps/serve/api/openai/infill.h"

namespace hearth::serve::llama {

namespace {

using Tokens = std::vector<int32_t>;
using openai::kNoToken;

/// Tokens around the cursor at most: three parts of four stand before it. Others' files get the rest.
constexpr size_t kMostAround = 2048;

void add(Tokens& tokens, const Tokens& more) { tokens.insert(tokens.end(), more.begin(), more.end()); }

void keep_last(Tokens& tokens, size_t most) {
  if (tokens.size() > most) tokens.erase(tokens.begin(), tokens.end() - static_cast<std::ptrdiff_t>(most));
}

/// `name` heads a file, in vocabularies that mark where one begins.
Awaitable<> begin_file(ModelUse& model, std::string name, Tokens& tokens) {
  const int32_t separator = openai::special_token(model, "fimFileSeparator");
  std::string head = separator == kNoToken ? "\n\n--- snippet ---\n\n" : std::move(name) + "\n";
  if (separator != kNoToken) tokens.push_back(separator);
  const Tokens heading = co_await model.tokenize(std::move(head), false, false);
  add(tokens, heading);
}

/// The other files, and the name of the one that is written in. Editors tell neither its name nor the
/// project's.
Awaitable<Tokens> tokens_of_files(ModelUse& model, std::vector<InfillFile> files) {
  Tokens tokens;
  const int32_t repository = openai::special_token(model, "fimRepository");
  if (repository != kNoToken) {
    tokens.push_back(repository);
    const Tokens name = co_await model.tokenize("myproject\n", false, false);
    add(tokens, name);
  }
  for (InfillFile& file : files) {
    co_await begin_file(model, std::move(file.name), tokens);
    const Tokens text = co_await model.tokenize(std::move(file.text), false, false);
    add(tokens, text);
  }
  if (openai::special_token(model, "fimFileSeparator") != kNoToken) {
    co_await begin_file(model, "filename", tokens);
  }
  co_return tokens;
}

}  // namespace

Awaitable<Tokens> infill_prompt(ModelUse& model, Infill infill, size_t answer) {
  const openai::FillTokens marks = openai::fill_tokens(model);
  const auto context = model.info().value("contextSize", size_t{0});
  const size_t around = std::min(kMostAround, context / 2);
  Tokens prompt = co_await tokens_of_files(model, std::move(infill.files));
  Tokens before = co_await model.tokenize(std::move(infill.prefix), false, false);
  Tokens behind = co_await model.tokenize(std::move(infill.suffix), false, false);
  const Tokens line = co_await model.tokenize(std::move(infill.line), false, false);
  keep_last(prompt, context - around - std::min(context - around, 2 * answer));
  keep_last(before, around / 4 * 3);
  behind.resize(std::min(behind.size(), around / 4 - std::min(around / 4, line.size() + 2)));
  const Tokens beginning = co_await openai::beginning_of_text(model);
  add(prompt, beginning);
  prompt.push_back(marks.prefix);
  add(prompt, before);
  add(prompt, line);
  prompt.push_back(marks.suffix);
  add(prompt, behind);
  prompt.push_back(marks.middle);
  co_return prompt;
}

}  // namespace hearth::serve::llama
