// Every option of loading a model and of generating, in one table: what it may be, what it is by default and
// what it does. All faces check and describe options by it; a new one is a line of the table and its use.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "engine/base/result.h"
#include "engine/hearth.h"

namespace hearth {

enum class OptionType {
  kInteger,
  kNumber,
  kSeed,  // an integer of 64 bits; a face whose numbers hold fewer takes what they hold
  kName,  // one of `names`
  kText,
  kFlag,
  kTexts,
  kTokens,
  kBiases,  // what is added to the logits of tokens
};

struct Option {
  struct Range {
    double least, most;  // both included
  };
  /// A number with a meaning of its own, in the range or outside it; none where `meaning` is empty.
  struct Special {
    double value = 0;
    std::string_view meaning = {};
  };

  std::string_view name;  // of TypeScript and JSON
  OptionType type;
  std::string_view help;
  // Of a number:
  Range range = {0, 0};
  double standard = 0;  // by default
  Special special = {};
  // Of kName:
  std::span<const std::string_view> names = {};  // the default first
};

/// An option with the member that keeps it in a struct of the C interface, where one member does.
template <typename Struct>
struct OptionOf : Option {
  using Member = std::variant<std::monostate, int32_t Struct::*, float Struct::*, uint64_t Struct::*,
                              const char * Struct::*>;
  Member member;
};

/// All of them, for hearth_model_options and hearth_generation_options.
template <typename Struct>
std::span<const OptionOf<Struct>> option_table();

/// Whether it is kept as a number: a flag is, as 0 or 1.
bool is_number(const Option& option);
/// Whether a number may be the option's.
bool accepts(const Option& option, double value);
/// What it may be: "a whole number from 1 to 1024 (0: one per physical core)".
std::string values_of(const Option& option);
/// What it does, what it may be and what it is by default, in a line of help.
std::string describe(const Option& option);
/// INVALID_ARGUMENT: "topK must be a whole number ..., not 1.5". `called` is its name where it was given.
Error wrong_value(const Option& option, std::string_view called, std::string_view given);

/// Puts a number where it is kept. INVALID_ARGUMENT for one that may not be the option's.
template <typename Struct>
Result<void> set_option(Struct& options, const OptionOf<Struct>& option, double value);

/// INVALID_ARGUMENT for the first value that may not be its option's.
template <typename Struct>
Result<void> check_options(const Struct& options);

/// Every option as the table has it by default.
template <typename Struct>
void set_defaults(Struct& options);

}  // namespace hearth
