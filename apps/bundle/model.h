// The model of a bundle, before it is written.
#pragma once

#include <string>

#include "apps/bundle/bundle.h"
#include "engine/base/result.h"

namespace hearth::bundle {

/// What the bundle is called: as was asked for, as the model calls itself, or else as its file. Fails with
/// what is wrong with the model; UNSUPPORTED where it is in several files.
Result<std::string> name_of(const BundleParts& parts);

/// Where the bundle has its model's description.
inline constexpr const char* kManifestPath = "model/manifest.json";

}  // namespace hearth::bundle
