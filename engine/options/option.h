// What an option of loading, generating or embedding is: the name that all faces know it by, what it may be
// and what it does.
//
// load_options.h, generation_options.h and embedding_options.h have a struct and a table each. A new option
// is a member of the struct, a line of the table, and its use: every face walks the tables (option_values.h),
// and what TypeScript and docs/options.md say is made from them (options_test.cpp).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/result.h"
#include "engine/format/block_type.h"

namespace hearth {

enum class OptionType {
  kInteger,
  kNumber,
  kSeed,  // an integer of 64 bits; a face whose numbers hold fewer takes what they hold
  kName,  // one of `names`
  kText,
  kSomeText,  // not empty
  kJson,      // a value, or its text
  kFlag,
  kTexts,
  kNames,  // different ones of `names`, in an order
  kTokens,
  kAdapters,  // those that are chosen, each with its scale
  kBiases,    // what is added to the logits of tokens
};

struct Option {
  struct Range {
    double least, most;  // both included
  };
  /// A number with a meaning of its own, in the range or outside it; none where `meaning` is empty.
  struct Special {
    double value;
    std::string_view meaning;
  };

  std::string_view name;  // of TypeScript and JSON
  OptionType type;
  std::string_view help;
  // Of a number:
  Range range = {0, 0};
  Special special = {};
  // Of a name, or of several:
  std::span<const std::string_view> names = {};
  bool is_internal = false;  // a face tells it to the engine; users have no part in it
  bool is_file = false;      // the command line names the file that holds it

  static constexpr Option integer(std::string_view name, Range range, std::string_view help,
                                  Special special = {}) {
    return {name, OptionType::kInteger, help, range, special};
  }
  static constexpr Option number(std::string_view name, Range range, std::string_view help,
                                 Special special = {}) {
    return {name, OptionType::kNumber, help, range, special};
  }
};

struct LogitBias {
  int32_t token;
  float bias;  // minus infinity bans the token
};

struct AdapterChoice {
  int32_t id;
  float scale;
};

/// An option with the member that keeps it.
template <typename Struct>
struct OptionOf : Option {
  using Member = std::variant<int32_t Struct::*, uint64_t Struct::*, float Struct::*, bool Struct::*,
                              std::string Struct::*, BlockType Struct::*, std::optional<uint64_t> Struct::*,
                              std::vector<std::string> Struct::*, std::vector<int32_t> Struct::*,
                              std::vector<LogitBias> Struct::*, std::vector<AdapterChoice> Struct::*>;
  Member member;
};

/// All of them, for LoadOptions, GenerationOptions and EmbeddingOptions. Static lifetime.
template <typename Struct>
std::span<const OptionOf<Struct>> option_table();

inline constexpr double kMost32 = 2147483647;  // of int32_t
/// Of the integers that a double holds, as JavaScript's numbers.
inline constexpr double kMostExact = 9007199254740991;

/// Whether a number may be the option's.
bool accepts(const Option& option, double value);
/// What it may be: "a whole number from 1 to 1024 (0: one per physical core)".
std::string values_of(const Option& option);
/// What it does, what it may be and what it is by default, in a line of help. `standard` is a number's
/// default.
std::string describe(const Option& option, double standard);
/// INVALID_ARGUMENT: "topK must be a whole number ..., not 1.5". `called` is its name where it was given.
Error wrong_value(const Option& option, std::string_view called, std::string_view given);

}  // namespace hearth
