// Where the web part of bundles lies, which tools/build_bundle.sh makes:
//
//   hearth/                             @hearth/web (dist/ and wasm/), and start.js, which pages begin with
//   page/, workflow_page/               the chat page, and one that runs a workflow
//   single.html, single_workflow.html   the same and the engine in one file, with a place for the model
//   icons/
//   service_worker.js
#pragma once

#include <filesystem>

#include "engine/base/result.h"

namespace hearth::bundle {

/// `given`, or where that is empty: share/hearth/web in the program's folder (a build) or beside it (what is
/// installed). NOT_FOUND says which script makes them.
Result<std::filesystem::path> find_web_files(const std::filesystem::path& given);

}  // namespace hearth::bundle
