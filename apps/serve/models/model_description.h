// A model that requests may name, loaded or not.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/serve/config/units.h"

namespace hearth::serve {

struct ModelDescription {
  std::string name;
  std::vector<std::string> aliases;
  std::string source;  // a path, hf: name or URL of a GGUF file; of an adapter's where there is a `base`
  nlohmann::ordered_json options = nlohmann::ordered_json::object();  // the engine's, of loading
  Duration keep_alive = kForever;  // unloaded when it has had no request for so long
  bool pinned = false;             // loaded at once, and never unloaded
  bool own = false;                // one client's, with options of its own; it goes when that has it unloaded

  std::string base;     // the model that an adapter is added to; empty for models that stand by themselves
  double scale = 1;     // of the adapter
  bool always = false;  // it is added to the base's own answers, too
};

}  // namespace hearth::serve
