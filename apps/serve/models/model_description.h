// A model that requests may name, loaded or not.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/serve/config/units.h"
#include "engine/options/load_options.h"

namespace hearth::serve {

struct ModelDescription {
  std::string name;
  std::vector<std::string> aliases;
  std::string source;  // a path, hf: name or URL of a GGUF file; of an adapter's where there is a `base`
  nlohmann::ordered_json options = nlohmann::ordered_json::object();  // the engine's, of loading
  Duration keep_alive = kForever;  // unloaded when it has had no request for so long
  bool pinned = false;             // loaded at once, and never unloaded
  std::string copy_of;             // the model that one client has loaded once more, with options of its own;
                                   // it goes when that has it unloaded

  std::string base;     // the model that an adapter is added to; empty for models that stand by themselves
  double scale = 1;     // of the adapter
  bool always = false;  // it is added to the base's own answers, too

  /// The model in metrics, which are to name no more models than the server was told of.
  const std::string& counted_as() const { return copy_of.empty() ? name : copy_of; }

  /// Answers that the engine writes at once. Of options that are wrong loading tells.
  int64_t answers_at_once() const {
    const auto given = options.find("maxSequences");
    const bool is_given = given != options.end() && given->is_number_integer();
    return is_given ? given->get<int64_t>() : LoadOptions().max_sequences;
  }
};

}  // namespace hearth::serve
