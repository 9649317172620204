#include "apps/bundle/bundle.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "apps/bundle/carried_workflow.h"
#include "apps/bundle/files.h"
#include "apps/bundle/model.h"
#include "apps/bundle/page.h"
#include "apps/store/chunks.h"
#include "apps/store/sha256.h"
#include "engine/base/system_error.h"
#include "engine/text/json_text.h"

namespace hearth::bundle {
namespace {

using nlohmann::ordered_json;

constexpr size_t kShortHash = 16;  // digits that tell a model's or a bundle's files from others

struct ModelChunks {
  ordered_json manifest;
  uint64_t count = 0;
};

/// Writes the chunks and gives their manifest. Hosts and browsers may keep files for long: those of another
/// model must not have the same name.
Result<ModelChunks> write_model(const BundleParts& parts, const std::filesystem::path& folder,
                                const BundleProgress& progress) {
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem) return system_error(folder, "make this folder", problem.value());
  const std::filesystem::path path = folder / "manifest.json";
  HEARTH_ASSIGN(const store::ChunkCount count,
                store::write_chunks(parts.model, path, parts.chunk_bytes, progress));
  HEARTH_ASSIGN(const std::string text, read_file(path));
  HEARTH_ASSIGN(ordered_json manifest, parse_json(text, path.string()));
  const std::string hash = manifest["sha256"].get<std::string>().substr(0, kShortHash);
  for (size_t index = 0; index < count.chunks; ++index) {
    ordered_json& chunk = manifest["chunks"][index];
    const std::string name = fmt::format("{}.{:03}", hash, index);
    std::filesystem::rename(folder / chunk["url"].get<std::string>(), folder / name, problem);
    if (problem) return system_error(folder / name, "give the file this name", problem.value());
    chunk["url"] = name;
  }
  return ModelChunks{std::move(manifest), count.chunks};
}

/// By their paths.
ordered_json hashes_of(const Files& files) {
  ordered_json hashes = ordered_json::object();
  for (const auto& [name, bytes] : files) hashes[name] = store::sha256_of(bytes);
  return hashes;
}

/// bundle.json, and the service worker that keeps all files given and that one. What it is told stands in its
/// own text: browsers look for another version by comparing that.
std::string add_description(const std::string& name, const std::string& service_worker,
                            const ordered_json& manifest, const ordered_json& workflow, Files& files) {
  ordered_json described = {{"name", name},
                            {"version", ""},
                            {"model",
                             {{"manifest", kManifestPath},
                              {"name", manifest["name"]},
                              {"size", manifest["size"]},
                              {"sha256", manifest["sha256"]}}}};
  if (!workflow.is_null()) described["workflow"] = workflow;
  std::string version =
      store::sha256_of(described.dump() + hashes_of(files).dump() + service_worker).substr(0, kShortHash);
  described["version"] = version;
  files["bundle.json"] = described.dump(2) + "\n";
  const ordered_json told = {{"version", version}, {"files", hashes_of(files)}};
  files["service_worker.js"] = fmt::format("self.bundle = {};\n{}", told.dump(), service_worker);
  return version;
}

/// Gives its description.
Result<ordered_json> add_workflow(const std::filesystem::path& path, Files& files) {
  if (path.empty()) return ordered_json();
  HEARTH_ASSIGN(CarriedWorkflow workflow, read_workflow(path));
  for (auto& [name, text] : workflow.files) files["workflow/" + name] = std::move(text);
  workflow.described["file"] = "workflow/" + workflow.described["file"].get<std::string>();
  return std::move(workflow.described);
}

std::filesystem::path folder_of_page(const BundleParts& parts) {
  if (!parts.page.empty()) return parts.page;
  return parts.web / (parts.workflow.empty() ? "page" : "workflow_page");
}

}  // namespace

Result<BundleReport> write_bundle(const BundleParts& parts, const std::filesystem::path& folder,
                                  const BundleProgress& progress) {
  BundleReport report;
  HEARTH_ASSIGN(report.name, name_of(parts));
  HEARTH_ASSIGN(Files files, page_files(folder_of_page(parts), parts.web / "icons", report.name));
  HEARTH_ASSIGN(Files engine, read_folder(parts.web / "hearth", "hearth/"));
  files.merge(engine);
  HEARTH_ASSIGN(const ordered_json workflow, add_workflow(parts.workflow, files));
  HEARTH_ASSIGN(const std::string service_worker, read_file(parts.web / "service_worker.js"));
  HEARTH_ASSIGN(const ModelChunks model, write_model(parts, folder / "model", progress));
  files[kManifestPath] = model.manifest.dump(2) + "\n";
  report.version = add_description(report.name, service_worker, model.manifest, workflow, files);
  HEARTH_TRY(write_files(files, folder));
  report.chunks = model.count;
  report.bytes = model.manifest["size"].get<uint64_t>();
  for (const auto& [name, bytes] : files) report.bytes += bytes.size();
  return report;
}

}  // namespace hearth::bundle
