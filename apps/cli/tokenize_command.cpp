// hearth tokenize: a text's tokens. Needs a vocabulary only, not a whole model.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "apps/cli/commands.h"
#include "apps/cli/console.h"
#include "apps/cli/input.h"
#include "apps/cli/model_argument.h"
#include "engine/base/escaped.h"
#include "engine/format/model_file.h"
#include "engine/text/tokenizer.h"

namespace hearth::cli {
namespace {

struct TokenizeOptions {
  std::string path;
  std::string text;
  bool no_special = false;
  bool parse_special = false;
  bool json = false;
};

Result<void> tokenize(const TokenizeOptions& options) {
  std::string text = options.text;
  if (text == "-") {
    HEARTH_ASSIGN(text, read_input("-"));
  }
  HEARTH_ASSIGN(const ModelFile file, ModelFile::open(options.path));
  HEARTH_ASSIGN(const auto tokenizer, Tokenizer::from_gguf(file.metadata()));
  const std::vector<TokenId> tokens = tokenizer->encode(text, !options.no_special, options.parse_special);
  if (options.json) {
    nlohmann::ordered_json names = nlohmann::ordered_json::array();
    for (const TokenId token : tokens) names.push_back(tokenizer->token_name(token));
    const nlohmann::ordered_json json = {{"tokens", tokens}, {"names", names}, {"count", tokens.size()}};
    return put_json(json);
  }
  std::string lines;
  for (const TokenId token : tokens) {
    lines += fmt::format("{:>7}  {}\n", token, escaped(tokenizer->token_name(token)));
  }
  return put(lines);
}

}  // namespace

void add_tokenize_command(CLI::App& app) {
  auto options = std::make_shared<TokenizeOptions>();
  CLI::App* command = app.add_subcommand("tokenize", "Show the tokens of a text");
  command->add_option("model", options->path, "GGUF file with a vocabulary")->required()->check(model_name());
  command->add_option("text", options->text, "The text; - reads it from standard input, byte for byte")->required();
  command->add_flag("--no-special", options->no_special, "Leave out the beginning and end tokens");
  command->add_flag("--parse-special", options->parse_special,
                    "Take names of control tokens, such as <|im_end|>, for the tokens");
  command->add_flag("--json", options->json, "Print {\"tokens\": [...], \"names\": [...], \"count\": n}");
  command->footer(
      "Examples:\n"
      "  hearth tokenize model.gguf \"Hello world\"\n"
      "  hearth tokenize model.gguf - --json < text.txt");
  command->callback([options] { leave_on_error(tokenize(*options)); });
}

}  // namespace hearth::cli
