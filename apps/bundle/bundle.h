// A model with the page that runs it, as files for any static host (docs/bundles.md):
//
//   index.html, ...         the page
//   bundle.json             what is in the bundle: {name, version, model: {manifest, name, size, sha256},
//   workflow?} service_worker.js       keeps the files above and below for visits without a network; the
//   model is kept by hearth/ hearth/                 @hearth/web and start.js model/manifest.json     of the
//   chunks beside it, which are named by the model's hash workflow.yaml           where there is one
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "engine/base/result.h"

namespace hearth::bundle {

struct BundleParts {
  std::filesystem::path model;     // one GGUF file
  std::string name;                // what the page calls it; empty: what the model does
  std::filesystem::path page;      // the user's own; empty: the chat page, or that of the workflow
  std::filesystem::path workflow;  // empty: none
  std::filesystem::path web;       // what find_web_files gives
  uint64_t chunk_bytes = 0;
};

struct BundleReport {
  std::string name;
  std::string version;  // tells bundles apart by what they hold
  uint64_t chunks = 0;
  uint64_t bytes = 0;  // of all files together
};

/// Bytes of the model done so far and in the end; returning false cancels.
using BundleProgress = std::function<bool(uint64_t done, uint64_t total)>;

/// Fills a folder that is there and empty. Errors of the model's file are those of ModelFile::open.
Result<BundleReport> write_bundle(const BundleParts& parts, const std::filesystem::path& folder,
                                  const BundleProgress& progress);

/// The chat page, or that of the workflow, the engine and the model in one HTML file. MODEL_TOO_LARGE above
/// 100 MB.
Result<BundleReport> write_single_page(const BundleParts& parts, const std::filesystem::path& file,
                                       const BundleProgress& progress);

}  // namespace hearth::bundle
