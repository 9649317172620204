#include "apps/store/listings.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <span>
#include <system_error>
#include <utility>

#include "apps/store/sha256.h"
#include "apps/store/web_address.h"
#include "engine/base/atomic_file.h"

namespace hearth::store {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kMostKeptPages = 1000;
constexpr size_t kLettersOfName = 32;
constexpr double kLastTime = 8.64e15;  // that dates of JavaScript have

fs::path listing_path(const fs::path& folder, const std::string& url) {
  return folder / "listings" / (sha256_of(url).substr(0, kLettersOfName) + ".json");
}

std::string text_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::optional<RepositoryFile> file_of(const json& entry) {
  if (!entry.is_object() || text_at(entry, "path").empty()) return std::nullopt;
  RepositoryFile file{text_at(entry, "path"), std::nullopt, text_at(entry, "sha256")};
  if (const auto size = entry.find("size"); size != entry.end() && size->is_number_unsigned()) {
    file.size = size->get<uint64_t>();
  }
  return file;
}

json json_of(const RepositoryFile& file) {
  json entry = {{"path", file.path}};
  if (file.size) entry["size"] = *file.size;
  if (!file.sha256.empty()) entry["sha256"] = file.sha256;
  return entry;
}

}  // namespace

int64_t milliseconds_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

std::optional<ListingPage> parse_page(const std::string& text) {
  const json kept = json::parse(text, nullptr, false);
  if (!kept.is_object()) return std::nullopt;
  const auto files = kept.find("files");
  const auto time = kept.find("time");
  if (files == kept.end() || !files->is_array() || time == kept.end() || !time->is_number()) {
    return std::nullopt;
  }
  const auto milliseconds = time->get<double>();
  if (!(milliseconds >= 0 && milliseconds <= kLastTime)) return std::nullopt;
  ListingPage page{{}, text_at(kept, "next"), text_at(kept, "etag"), static_cast<int64_t>(milliseconds)};
  for (const json& entry : *files) {
    auto listed = file_of(entry);
    if (!listed) return std::nullopt;
    page.files.push_back(*std::move(listed));
  }
  return page;
}

std::optional<ListingPage> read_page(const fs::path& folder, const std::string& url) {
  std::ifstream file(listing_path(folder, url), std::ios::binary);
  return parse_page({std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
}

void write_page(const fs::path& folder, const std::string& url, const ListingPage& page) {
  json kept = {{"url", url}, {"files", json::array()}, {"time", page.time}};
  for (const RepositoryFile& file : page.files) kept["files"].push_back(json_of(file));
  if (!page.next.empty()) kept["next"] = page.next;
  if (!page.etag.empty()) kept["etag"] = page.etag;
  // A folder that cannot be written to, or a full disk: the model itself will tell.
  std::error_code ignored;
  fs::create_directories(folder / "listings", ignored);
  auto file = AtomicFile::create(listing_path(folder, url));
  if (!file.ok()) return;
  const std::string text = kept.dump(-1, ' ', false, json::error_handler_t::replace);
  if (file->append(std::as_bytes(std::span(text))).ok()) static_cast<void>(file->commit());
}

std::optional<ListingPage> listed_before(const fs::path& folder, const std::string& url) {
  ListingPage whole;
  whole.time = std::numeric_limits<int64_t>::max();
  std::string at = url;
  for (int pages = 0; pages < kMostKeptPages; ++pages) {
    auto page = read_page(folder, at);
    if (!page) return std::nullopt;
    std::move(page->files.begin(), page->files.end(), std::back_inserter(whole.files));
    whole.time = std::min(whole.time, page->time);
    if (page->next.empty()) return whole;
    const auto address = WebAddress::parse(at);
    if (!address.ok()) return std::nullopt;
    const auto next = address->resolve(page->next);
    if (!next.ok()) return std::nullopt;
    at = next->href();
  }
  return std::nullopt;
}

}  // namespace hearth::store
