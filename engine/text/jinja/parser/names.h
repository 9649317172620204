// Which names a template reads that it does not make itself.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "engine/text/jinja/parser/ast.h"

namespace hearth::jinja {

/// By name, what is read of it.
struct NameUse {
  std::set<std::string, std::less<>>
      members;              // by a literal key: `name.key`, `name['key']`, `name.get('key')`
  bool as_a_whole = false;  // in any other way
};
using NameUses = std::map<std::string, NameUse, std::less<>>;

/// A name that a template also makes (a loop's variable) counts wherever it stands: the list may be too long,
/// never too short.
NameUses names_read_by(const Block& block);

}  // namespace hearth::jinja
