#include "apps/store/fetcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "apps/store/choose_model.h"
#include "apps/store/entries.h"
#include "apps/store/lower_case.h"
#include "apps/store/partial_file.h"
#include "engine/base/byte_source.h"

namespace hearth::store {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostListBytes = size_t{64} << 20;
constexpr size_t kMostManifestBytes = size_t{16} << 20;
constexpr int kMostPages = 1000;

std::string origin_of(const std::string& url) {
  const auto address = WebAddress::parse(url);
  return address.ok() ? address->origin() : "";
}

bool is_authorization(const std::string& header) {
  return lower_case(header.substr(0, header.find(':'))) == "authorization";
}

/// What a list of files says of the one at `path`.
RemoteFile remote_file(WebAddress url, const std::string& path, const std::vector<RepositoryFile>& listed) {
  const auto found = std::find_if(listed.begin(), listed.end(),
                                  [&path](const RepositoryFile& file) { return file.path == path; });
  if (found == listed.end()) return {std::move(url), std::nullopt, ""};
  return {std::move(url), found->size, found->sha256};
}

/// The paths of all parts of a split model whose first one is `path`; otherwise that alone.
std::vector<std::string> part_paths(const std::string& path) {
  std::vector<std::string> paths;
  for (const fs::path& file : files_of_model(path)) paths.push_back(file.string());
  return paths;
}

/// Bytes of all of them; 0 where it is not known of one.
uint64_t whole_size(const std::vector<RemoteFile>& files) {
  uint64_t sum = 0;
  for (const RemoteFile& file : files) {
    if (!file.size) return 0;
    sum += *file.size;
  }
  return sum;
}

}  // namespace

Fetcher::Fetcher(const StoreOptions& store, const PullOptions& options, const PullCallback& callback,
                 std::string origin)
    : store_(store), options_(options), callback_(callback), origin_(std::move(origin)) {}

HttpRequest Fetcher::request(const WebAddress& url) const {
  HttpRequest request{url, {}, {}};
  if (url.origin() == origin_) request.headers = options_.headers;
  const bool has_own = std::any_of(request.headers.begin(), request.headers.end(), is_authorization);
  if (!store_.token.empty() && !has_own && url.origin() == origin_of(store_.endpoint)) {
    request.headers.push_back("Authorization: Bearer " + store_.token);
  }
  return request;
}

Result<ListingPage> Fetcher::page_at(const WebAddress& url, const GoOn& go_on) const {
  auto kept = read_page(store_.folder, url.href());
  HttpRequest asked = request(url);
  if (kept && !kept->etag.empty()) asked.headers.push_back("If-None-Match: " + kept->etag);
  HEARTH_ASSIGN(const HttpText answer, get_text(asked, kMostListBytes, go_on));
  ListingPage page;
  if (answer.head.status == 304 && kept) {
    page = *std::move(kept);
  } else {
    auto files = parse_listing(answer.text);
    if (!files) {
      return Error{ErrorCode::kServer,
                   fmt::format("{}: it does not list files, as Hugging Face's interface does", url.href())};
    }
    page = {*std::move(files), next_page(answer.head.header("link")), answer.head.header("etag"), 0};
  }
  page.time = milliseconds_now();
  write_page(store_.folder, url.href(), page);
  return page;
}

Result<std::vector<RepositoryFile>> Fetcher::list(const RepositoryReference& name) const {
  const PullReport report(callback_);
  const GoOn go_on = [&report](const std::string& message) {
    return report.say("check_cache", 0, 0, message);
  };
  HEARTH_ASSIGN(WebAddress url, WebAddress::parse(listing_url(name, store_.endpoint)));
  std::vector<RepositoryFile> files;
  for (int pages = 0; pages < kMostPages; ++pages) {
    HEARTH_ASSIGN(ListingPage page, page_at(url, go_on));
    files.insert(files.end(), std::make_move_iterator(page.files.begin()),
                 std::make_move_iterator(page.files.end()));
    if (page.next.empty()) return files;
    HEARTH_ASSIGN(url, url.resolve(page.next));
  }
  return Error{ErrorCode::kServer, fmt::format("{}: its list of files has no end", url.href())};
}

Result<std::string> Fetcher::choose(const RepositoryReference& name,
                                    const std::vector<RepositoryFile>& files) const {
  std::vector<ListedModel> listed;
  listed.reserve(files.size());
  for (const RepositoryFile& file : files) listed.push_back({file.path, file.size});
  HEARTH_ASSIGN(const ModelChoice choice, choose_model(name.str(), name.quantization, listed, room_here()));
  const PullReport report(callback_);
  if (choice.message.empty() || report.say("check_cache", 0, 0, choice.message)) return choice.path;
  return Error{ErrorCode::kAborted, "aborted by the caller"};
}

Result<std::vector<RemoteFile>> Fetcher::find(const RepositoryReference& name) const {
  Result<std::vector<RepositoryFile>> listed = list(name);
  const bool needs_no_list =
      !name.file.empty() && !listed.ok() &&
      (listed.error().code == ErrorCode::kNotFound || listed.error().code == ErrorCode::kServer);
  if (!listed.ok() && !needs_no_list) return std::move(listed).error();
  const std::vector<RepositoryFile> files = listed.ok() ? *std::move(listed) : std::vector<RepositoryFile>();
  std::string path = name.file;
  if (path.empty()) {
    HEARTH_ASSIGN(path, choose(name, files));
  }
  std::vector<RemoteFile> found;
  for (const std::string& part : part_paths(path)) {
    HEARTH_ASSIGN(WebAddress url, name.file_url(store_.endpoint, part));
    found.push_back(remote_file(std::move(url), part, files));
  }
  return found;
}

Result<fs::path> Fetcher::fetch(const std::vector<RemoteFile>& files) const {
  PullReport report(callback_, whole_size(files));
  fs::path first;
  uint64_t before = 0;
  for (const RemoteFile& file : files) {
    report.begin_file(file.url.file_name(), before);
    HEARTH_ASSIGN(fs::path path, fetch_file(file, report));
    before += size_of(path);
    if (first.empty()) first = std::move(path);
  }
  return first;
}

Result<fs::path> Fetcher::fetch_file(const RemoteFile& file, const PullReport& report) const {
  CachedFile cached(store_.folder / cache_path(file.url), file.url.href(),
                    {file.size, file.sha256, options_.reload}, report);
  const auto get = [&](const fs::path& partial, const FileLock& lock) {
    Download wanted{request(file.url), file.begins_model, file.size, {}};
    wanted.go_on = [&](uint64_t loaded, uint64_t total, const std::string& message) {
      return !lock.is_lost() && report.say("download", loaded, std::max(loaded, total), message);
    };
    Result<void> done = download(wanted, partial);
    return lock.is_lost() ? lock.confirm() : std::move(done);
  };
  HEARTH_TRY(cached.find_or_get(get));
  return cached.path();
}

Result<Manifest> Fetcher::read_manifest(const WebAddress& url) const {
  const PullReport report(callback_);
  const GoOn go_on = [&report](const std::string& message) {
    return report.say("check_cache", 0, 0, message);
  };
  HEARTH_ASSIGN(const HttpText answer, get_text(request(url), kMostManifestBytes, go_on));
  auto manifest = parse_manifest(nlohmann::ordered_json::parse(answer.text, nullptr, false));
  if (manifest && !manifest->name.empty()) return *std::move(manifest);
  return Error{
      ErrorCode::kInvalidArgument,
      fmt::format("{}: no manifest: expected {{ name, size, chunks: [{{ url, size }}] }}, in which the sizes "
                  "add up",
                  url.href())};
}

Result<fs::path> Fetcher::fetch_manifest(const WebAddress& url, const std::string& sha256) const {
  HEARTH_ASSIGN(const Manifest manifest, read_manifest(url));
  if (!sha256.empty() && !manifest.sha256.empty() && manifest.sha256 != sha256) {
    return Error{ErrorCode::kIntegrity,
                 fmt::format("{}: its SHA-256 is {}, not {}", url.href(), manifest.sha256, sha256)};
  }
  std::vector<RemoteFile> chunks;
  for (const Chunk& chunk : manifest.chunks) {
    HEARTH_ASSIGN(WebAddress address, url.resolve(chunk.url));
    chunks.push_back({std::move(address), chunk.size, chunk.sha256, chunks.empty()});
  }
  HEARTH_ASSIGN(const WebAddress whole, url.resolve(manifest.name));
  PullReport report(callback_, manifest.size);
  report.begin_file(manifest.name, 0);
  CachedFile cached(store_.folder / cache_path(whole), url.href(),
                    {manifest.size, sha256.empty() ? manifest.sha256 : sha256, options_.reload}, report);
  const Result<void> done = cached.find_or_get(
      [&](const fs::path& partial, const FileLock& /*lock*/) { return join(chunks, partial, report); });
  // They stay until the whole is there, so that what broke off goes on where it was.
  if (done.ok() || done.error().code == ErrorCode::kIntegrity) {
    for (const RemoteFile& chunk : chunks) HEARTH_TRY(discard(store_.folder / cache_path(chunk.url)));
  }
  HEARTH_TRY(done);
  return cached.path();
}

Result<void> Fetcher::join(const std::vector<RemoteFile>& chunks, const fs::path& partial,
                           PullReport& report) const {
  std::vector<fs::path> paths;
  uint64_t before = 0;
  for (const RemoteFile& chunk : chunks) {
    report.begin_file(chunk.url.file_name(), before);
    HEARTH_ASSIGN(fs::path path, fetch_file(chunk, report));
    paths.push_back(std::move(path));
    before += *chunk.size;
  }
  report.begin_file(partial.stem().string(), 0);
  PartialFile whole(partial, 0);
  HEARTH_TRY(whole.open_with(""));
  for (const fs::path& path : paths) {
    HEARTH_ASSIGN(const auto source, map_file(path));
    HEARTH_TRY(whole.write(source->mapped()));
  }
  return {};
}

}  // namespace hearth::store
