#include "apps/store/model_store.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "apps/store/choose_model.h"
#include "apps/store/entries.h"
#include "apps/store/file_lock.h"
#include "apps/store/lower_case.h"
#include "apps/store/partial_file.h"
#include "apps/store/reference.h"
#include "engine/base/cache_folder.h"
#include "engine/base/escaped.h"
#include "engine/format/model_file.h"

namespace hearth::store {
namespace {

namespace fs = std::filesystem;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// nullopt for a later part of a split model, and where not all parts are there.
std::optional<StoredModel> to_model(const Entry& entry, const std::string& endpoint) {
  const auto part = parse_part_name(entry.path.filename().string());
  if (part && part->number != 1) return std::nullopt;
  for (const fs::path& file : files_of_model(entry.path)) {
    std::error_code ignored;
    if (!fs::is_regular_file(file, ignored)) return std::nullopt;
  }
  StoredModel model = model_at(entry.path);
  model.reference = reference_of_url(entry.note.url, endpoint).value_or(entry.note.url);
  if (!part) model.sha256 = entry.note.sha256;
  model.used = entry.used;
  return model;
}

/// All whole models of the folder, those used last first, each with a name of its own, without what headers
/// say.
std::vector<StoredModel> models_in(const StoreOptions& options) {
  std::vector<StoredModel> models;
  std::map<std::string, int> count_of_name;
  for (const Entry& entry : entries(options.folder)) {
    if (auto model = to_model(entry, options.endpoint)) models.push_back(*std::move(model));
  }
  std::sort(models.begin(), models.end(), [](const StoredModel& one, const StoredModel& other) {
    return std::tie(other.used, one.path) < std::tie(one.used, other.path);
  });
  for (const StoredModel& model : models) ++count_of_name[model.name];
  for (StoredModel& model : models) {
    if (count_of_name[model.name] > 1) model.name = model.reference;
  }
  return models;
}

/// A chunk of a manifest that was not put together yet is no model; neither is what was never meant as one.
bool is_model(const StoredModel& model) { return model.fault.empty() || model.path.extension() == ".gguf"; }

/// `name` as the list has references; nullopt where it is none, or leaves open which file it is.
std::optional<std::string> reference_in_full(std::string_view name, const StoreOptions& options,
                                             const std::vector<StoredModel>& models) {
  const auto parsed = parse_reference(name);
  if (!parsed.ok()) return std::nullopt;
  if (const auto* address = std::get_if<WebAddress>(&*parsed)) {
    return reference_of_url(address->href(), options.endpoint).value_or(address->href());
  }
  const auto* repository = std::get_if<RepositoryReference>(&*parsed);
  if (repository == nullptr) return std::nullopt;
  if (!repository->file.empty()) return repository->str(repository->file);
  std::vector<ListedModel> listed;
  const std::string begin = repository->str("");
  for (const StoredModel& model : models) {
    if (model.reference.starts_with(begin)) listed.push_back({model.reference.substr(begin.size()), {}});
  }
  const auto choice = choose_model(repository->str(), repository->quantization, listed);
  return choice.ok() ? std::optional(repository->str(choice->path)) : std::nullopt;
}

/// Those that `name` could be: the one with that reference, checksum or name, or all whose files are called
/// so.
std::vector<StoredModel> find_in(std::vector<StoredModel> models, std::string_view name,
                                 const StoreOptions& options) {
  const std::string reference = reference_in_full(name, options, models).value_or("");
  const std::string sha256 = lower_case(name);
  std::vector<StoredModel> found;
  for (StoredModel& model : models) {
    const std::string file = model.path.filename().string();
    const bool is_it = model.reference == name || model.reference == reference || model.name == name ||
                       (!model.sha256.empty() && model.sha256 == sha256);
    if (is_it) return {std::move(model)};
    if (file == name || model_name_of(model.path) == name) found.push_back(std::move(model));
  }
  return found;
}

}  // namespace

StoreOptions StoreOptions::from_environment() {
  StoreOptions options{cache_folder(), variable("HF_ENDPOINT"), variable("HF_TOKEN")};
  if (options.endpoint.empty()) options.endpoint = "https://huggingface.co";
  return options;
}

ModelStore::ModelStore(StoreOptions options) : options_(std::move(options)) {
  while (options_.endpoint.ends_with('/')) options_.endpoint.pop_back();
}

Result<std::vector<StoredModel>> ModelStore::list() const {
  std::vector<StoredModel> models = models_in(options_);
  for (StoredModel& model : models) read_header(model);
  models.erase(
      std::remove_if(models.begin(), models.end(), [](const auto& model) { return !is_model(model); }),
      models.end());
  return models;
}

Result<StoredModel> ModelStore::find(std::string_view name) const {
  std::vector<StoredModel> found = find_in(models_in(options_), name, options_);
  if (found.size() > 1) {
    std::vector<std::string> references;
    references.reserve(found.size());
    for (const StoredModel& model : found) references.push_back(model.reference);
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{}: several models have this name; say which one: {}", escaped(name),
                             escaped(fmt::format("{}", fmt::join(references, ", "))))};
  }
  if (!found.empty()) {
    touch(found.front().path);
    read_header(found.front());
    if (is_model(found.front())) return std::move(found.front());
  }
  return Error{
      ErrorCode::kNotFound,
      fmt::format("{}: no model of this name was downloaded to {}; 'hearth list' shows those that were, "
                  "'hearth pull' downloads others",
                  escaped(name), options_.folder.string())};
}

Result<void> ModelStore::remove(std::string_view name) const {
  HEARTH_ASSIGN(const StoredModel model, find(name));
  for (const fs::path& file : files_of_model(model.path)) HEARTH_TRY(discard(file));
  return {};
}

Result<uint64_t> ModelStore::remove_unfinished() const {
  uint64_t bytes = 0;
  for (const fs::path& partial : partials(options_.folder)) {
    const fs::path path = fs::path(partial).replace_extension();
    const auto lock = FileLock::acquire(fs::path(path) += ".lock", [](const std::string&) { return false; });
    if (!lock.ok() && lock.error().code == ErrorCode::kAborted) continue;
    if (!lock.ok()) return lock.error();
    bytes += size_of(partial);
    discard_partial(partial);
  }
  return bytes;
}

}  // namespace hearth::store
