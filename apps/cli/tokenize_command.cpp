// hearth tokenize: a text's tokens, and tokens' text. Needs a vocabulary only, not a whole model.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

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
  bool decode = false;
  bool json = false;
};

/// The ids in a list such as "1, 2" or "[1, 2]".
Result<std::vector<TokenId>> read_ids(std::string_view list, const Tokenizer& tokenizer) {
  constexpr std::string_view kBetween = "[], \t\r\n";
  std::vector<TokenId> ids;
  for (;;) {
    list.remove_prefix(std::min(list.find_first_not_of(kBetween), list.size()));
    if (list.empty()) return ids;
    const std::string_view word = list.substr(0, list.find_first_of(kBetween));
    TokenId id = kNoToken;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), id);
    if (error != std::errc() || end != word.data() + word.size() || id < 0 ||
        id >= tokenizer.vocabulary_size()) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("'{}' is no token: ids are whole numbers from 0 to {}", word,
                               tokenizer.vocabulary_size() - 1)};
    }
    ids.push_back(id);
    list.remove_prefix(word.size());
  }
}

Result<void> show_text(const Tokenizer& tokenizer, std::string_view list, const TokenizeOptions& options) {
  HEARTH_ASSIGN(const std::vector<TokenId> tokens, read_ids(list, tokenizer));
  const std::string text = tokenizer.decode(tokens, options.parse_special);
  if (options.json) return put_json({{"text", text}, {"count", tokens.size()}});
  return put_untrusted(text + (stdout_is_terminal() ? "\n" : ""));
}

Result<void> show_tokens(const Tokenizer& tokenizer, std::string_view text, const TokenizeOptions& options) {
  const std::vector<TokenId> tokens = tokenizer.encode(text, !options.no_special, options.parse_special);
  if (options.json) {
    nlohmann::ordered_json names = nlohmann::ordered_json::array();
    for (const TokenId token : tokens) names.push_back(tokenizer.token_name(token));
    const nlohmann::ordered_json json = {{"tokens", tokens}, {"names", names}, {"count", tokens.size()}};
    return put_json(json);
  }
  std::string lines;
  for (const TokenId token : tokens) {
    lines += fmt::format("{:>7}  {}\n", token, escaped(tokenizer.token_name(token)));
  }
  return put(lines);
}

Result<void> tokenize(const TokenizeOptions& options) {
  std::string text = options.text;
  if (text == "-") {
    HEARTH_ASSIGN(text, read_input("-"));
  }
  HEARTH_ASSIGN(const std::string path, model_file(options.path));
  HEARTH_ASSIGN(const ModelFile file, ModelFile::open(path));
  HEARTH_ASSIGN(const auto tokenizer, Tokenizer::from_gguf(file.metadata()));
  return options.decode ? show_text(*tokenizer, text, options) : show_tokens(*tokenizer, text, options);
}

}  // namespace

void add_tokenize_command(CLI::App& app) {
  auto options = std::make_shared<TokenizeOptions>();
  CLI::App* command = app.add_subcommand("tokenize", "Show the tokens of a text, or the text of tokens");
  command->add_option("model", options->path, "GGUF file with a vocabulary, or a downloaded model")
      ->required()
      ->check(model_name());
  command->add_option("text", options->text, "The text; - reads it from standard input, byte for byte")
      ->required();
  command->add_flag("--no-special", options->no_special, "Leave out the beginning and end tokens");
  command->add_flag("--parse-special", options->parse_special,
                    "Take names of control tokens, such as <|im_end|>, for the tokens");
  command->add_flag("--decode", options->decode,
                    "Take the text for a list of ids, such as 1,2 or [1, 2], and show what it says: control "
                    "tokens by name with --parse-special, and otherwise not");
  command->add_flag(
      "--json", options->json,
      "Print {\"tokens\": [...], \"names\": [...], \"count\": n}, or {\"text\": \"...\", \"count\": n}");
  command->footer(
      "Examples:\n"
      "  hearth tokenize model.gguf \"Hello world\"\n"
      "  hearth tokenize model.gguf - --json < text.txt\n"
      "  hearth tokenize model.gguf --decode 1,15043,3186");
  command->callback([options] { leave_on_error(tokenize(*options)); });
}

}  // namespace hearth::cli
