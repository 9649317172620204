// hearth grammar: whether a grammar is sound, and what it says of texts. Needs no model.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "apps/cli/commands.h"
#include "apps/cli/console.h"
#include "apps/cli/input.h"
#include "engine/base/escaped.h"
#include "engine/grammar/grammar_source.h"
#include "engine/grammar/text_match.h"

namespace hearth::cli {
namespace {

constexpr int kExitIncomplete = 3;

struct GrammarOptions {
  std::string path;
  std::string kind = "gbnf";
  std::vector<std::string> texts;
  std::vector<std::string> files;
  bool json = false;
};

struct TriedText {
  std::string name;
  TextMatch match;
};

/// Does not return where there is an error: the grammar is refused with exit code 2.
template <typename T>
T accept_or_leave(Result<T> result) {
  if (result.ok()) return std::move(result).value();
  print_error(result.error().code, result.error().message);
  throw CLI::RuntimeError(kExitUsage);
}

Result<GrammarSource> read_source(const GrammarOptions& options) {
  const auto names = grammar_kind_names();
  const auto kind =
      static_cast<GrammarKind>(std::find(names.begin(), names.end(), options.kind) - names.begin());
  HEARTH_ASSIGN(const std::string bytes, read_input(options.path));
  const std::string text = plain_text(bytes);
  if (kind != GrammarKind::kChoices) return GrammarSource{kind, {text}};
  GrammarSource source{kind, {}};
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) source.texts.push_back(line);
  return source;
}

Result<std::vector<TriedText>> try_texts(const GrammarOptions& options, TextMatcher& matcher) {
  std::vector<TriedText> tried;
  for (const std::string& text : options.texts) tried.push_back({text, accept_or_leave(matcher.match(text))});
  for (const std::string& path : options.files) {
    HEARTH_ASSIGN(const std::string bytes, read_input(path));
    tried.push_back({path, accept_or_leave(matcher.match(plain_text(bytes)))});
  }
  return tried;
}

std::string_view verdict_name(TextVerdict verdict) {
  if (verdict == TextVerdict::kAccepted) return "accepted";
  return verdict == TextVerdict::kIncomplete ? "incomplete" : "rejected";
}

std::string told(const TextMatch& match) {
  if (match.verdict == TextVerdict::kAccepted) return "accepted";
  return fmt::format("{} at byte {}; possible there: {}", verdict_name(match.verdict), match.byte,
                     fmt::join(match.possible, ", "));
}

Result<void> show(const GrammarOptions& options, const std::vector<TriedText>& tried) {
  nlohmann::ordered_json tests = nlohmann::ordered_json::array();
  std::string lines;
  for (size_t index = 0; index < tried.size(); ++index) {
    const auto& [name, match] = tried[index];
    tests.push_back({{index < options.texts.size() ? "text" : "file", name},
                     {"verdict", verdict_name(match.verdict)},
                     {"byte", match.byte},
                     {"possible", match.possible}});
    lines += tried.size() > 1 ? fmt::format("{}: {}\n", escaped(name), told(match)) : told(match) + "\n";
  }
  return options.json ? put_json({{"tests", tests}}) : put_untrusted(lines);
}

int exit_code_of(const std::vector<TriedText>& tried) {
  const auto any = [&](TextVerdict verdict) {
    return std::any_of(tried.begin(), tried.end(),
                       [&](const TriedText& text) { return text.match.verdict == verdict; });
  };
  if (any(TextVerdict::kRejected)) return kExitFailure;
  return any(TextVerdict::kIncomplete) ? kExitIncomplete : 0;
}

Result<int> try_grammar(const GrammarOptions& options) {
  HEARTH_ASSIGN(const GrammarSource source, read_source(options));
  const Grammar grammar = accept_or_leave(read_grammar(source));
  TextMatcher matcher = accept_or_leave(TextMatcher::create(grammar));
  HEARTH_ASSIGN(const std::vector<TriedText> tried, try_texts(options, matcher));
  HEARTH_TRY(show(options, tried));
  return exit_code_of(tried);
}

void run_grammar(const GrammarOptions& options) {
  const Result<int> exit_code = try_grammar(options);
  if (!exit_code.ok()) leave_on_error(exit_code.error());
  if (*exit_code != 0) throw CLI::RuntimeError(*exit_code);
}

}  // namespace

void add_grammar_command(CLI::App& app) {
  auto options = std::make_shared<GrammarOptions>();
  CLI::App* command = app.add_subcommand("grammar", "Check a grammar, and try texts with it");
  command->add_option("grammar", options->path, "File with the grammar; - is standard input")->required();
  const auto names = grammar_kind_names();
  command
      ->add_option(
          "--kind", options->kind,
          "What it is: gbnf, schema (JSON schema), regex, or choices (a text on each line); by default gbnf")
      ->check(CLI::IsMember(std::vector<std::string>(names.begin(), names.end())));
  command->add_option("--test", options->texts, "A text to try; may be given several times")
      ->allow_extra_args(false);
  command
      ->add_option("--test-file", options->files,
                   "A file with a text to try, without the line end at its end; may be given several times")
      ->allow_extra_args(false);
  command->add_flag("--json", options->json,
                    "Print {\"tests\": [{\"text\" or \"file\", \"verdict\", \"byte\", \"possible\"}]}");
  command->footer(
      "Exit codes: 0 all are accepted, 1 one is rejected, 3 one is incomplete, 2 the grammar is refused.\n"
      "Tokens that the grammar names are tried as their texts: <think>, and <[42]> for a number.\n"
      "Examples:\n"
      "  hearth grammar list.gbnf --test '- milk'\n"
      "  hearth grammar person.schema.json --kind schema --test-file person.json --json");
  command->callback([options] { run_grammar(*options); });
}

}  // namespace hearth::cli
