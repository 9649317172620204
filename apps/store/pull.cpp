// ModelStore::pull: from a reference to the files that it stands for.
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "apps/store/entries.h"
#include "apps/store/fetcher.h"
#include "apps/store/hugging_face.h"
#include "apps/store/listings.h"
#include "apps/store/lower_case.h"
#include "apps/store/model_store.h"
#include "apps/store/reference.h"
#include "engine/base/escaped.h"
#include "engine/format/model_file.h"

namespace hearth::store {
namespace {

namespace fs = std::filesystem;

/// All parts of a split model whose first one is `url`; otherwise that alone.
Result<std::vector<RemoteFile>> files_at(const WebAddress& url) {
  const auto part = parse_part_name(url.file_name());
  if (!part || part->number != 1) return std::vector<RemoteFile>{{url, std::nullopt, ""}};
  std::vector<RemoteFile> files;
  for (const fs::path& path : files_of_model(url.path())) {
    files.push_back({url.with_path(path.string()), std::nullopt, ""});
  }
  return files;
}

Result<std::string> checked_sha256(const std::string& given) {
  const std::string sha256 = lower_case(given);
  if (sha256.empty() ||
      (sha256.size() == 64 && sha256.find_first_not_of("0123456789abcdef") == std::string::npos)) {
    return sha256;
  }
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("a SHA-256 has 64 hexadecimal digits, not '{}'", escaped(given))};
}

/// Of the first file that the reference stands for, as it lies in the cache then.
Result<fs::path> fetch(const Reference& reference, const StoreOptions& store, const PullOptions& options,
                       const PullCallback& progress) {
  HEARTH_ASSIGN(const std::string sha256, checked_sha256(options.sha256));
  const auto* address = std::get_if<WebAddress>(&reference);
  const auto* repository = std::get_if<RepositoryReference>(&reference);
  HEARTH_ASSIGN(const WebAddress begin,
                address != nullptr ? Result<WebAddress>(*address) : WebAddress::parse(store.endpoint));
  const Fetcher fetcher(store, options, progress, begin.origin());
  if (address != nullptr && address->path().ends_with(".json"))
    return fetcher.fetch_manifest(*address, sha256);
  HEARTH_ASSIGN(std::vector<RemoteFile> files,
                address != nullptr ? files_at(*address) : fetcher.find(*repository));
  if (!sha256.empty() && files.size() > 1) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("one SHA-256 is given, but the model has {} files", files.size())};
  }
  if (!sha256.empty()) files.front().sha256 = sha256;
  return fetcher.fetch(files);
}

/// Tells what the repository had when it was last seen.
Error with_what_there_was(Error error, const Reference& reference, const StoreOptions& store) {
  const auto* name = std::get_if<RepositoryReference>(&reference);
  if (name == nullptr) return error;
  const auto before = listed_before(store.folder, listing_url(*name, store.endpoint));
  if (!before) return error;
  std::vector<std::string> paths;
  for (const RepositoryFile& file : before->files) {
    if (lower_case(file.path).ends_with(".gguf")) paths.push_back(file.path);
  }
  if (paths.empty()) return error;
  const std::chrono::system_clock::time_point time{std::chrono::milliseconds(before->time)};
  error.message += fmt::format("; nothing of {} that is meant was downloaded; on {:%Y-%m-%d} it had {}",
                               name->str(), fmt::gmtime(std::chrono::system_clock::to_time_t(time)),
                               escaped(fmt::format("{}", fmt::join(paths, ", "))));
  return error;
}

/// INVALID_MODEL for what cannot be a model, of which nothing is kept then.
Result<void> check_model(const fs::path& path) {
  const auto opened = ModelFile::open(path);
  if (opened.ok() || opened.error().code != ErrorCode::kInvalidModel) return {};
  for (const fs::path& file : files_of_model(path)) HEARTH_TRY(discard(file));
  return opened.error();
}

}  // namespace

Result<StoredModel> ModelStore::pull(const std::string& reference, const PullCallback& progress,
                                     const PullOptions& pull_options) const {
  HEARTH_ASSIGN(const Reference parsed, parse_reference(reference));
  if (std::holds_alternative<fs::path>(parsed)) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{}: this is a path; what is pulled has an address: hf:owner/repository:Q4_K_M, "
                             "hf:owner/repository/file.gguf, or a URL",
                             escaped(reference))};
  }
  const auto path = fetch(parsed, options_, pull_options, progress);
  if (!path.ok()) {
    const bool offline = path.error().code == ErrorCode::kNetwork && !pull_options.reload;
    if (!offline) return path.error();
    auto there = find(reference);
    if (there.ok()) return there;
    return with_what_there_was(path.error(), parsed, options_);
  }
  HEARTH_TRY(check_model(*path));
  HEARTH_ASSIGN(std::vector<StoredModel> models, list());
  const auto found = std::find_if(models.begin(), models.end(),
                                  [&path](const StoredModel& model) { return model.path == *path; });
  if (found != models.end()) return std::move(*found);
  return Error{ErrorCode::kIo, fmt::format("{}: it was deleted as soon as it was there", path->string())};
}

}  // namespace hearth::store
