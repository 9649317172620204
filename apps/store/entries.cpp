#include "apps/store/entries.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cctype>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <span>
#include <system_error>
#include <utility>

#include "apps/store/sha256.h"
#include "engine/base/atomic_file.h"
#include "engine/base/system_error.h"
#include "engine/text/unicode.h"

namespace hearth::store {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSuffix = ".entry";

fs::path note_path(fs::path path) { return path += kSuffix; }

/// As Node.js reckons it, so that either finds the other's number unchanged.
double milliseconds(const timespec& time) {
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

std::chrono::system_clock::time_point time_point(const timespec& time) {
  return std::chrono::system_clock::time_point(std::chrono::seconds(time.tv_sec) +
                                               std::chrono::nanoseconds(time.tv_nsec));
}

bool is_kept(char32_t letter) {
  return letter < 0x80 &&
         (std::isalnum(static_cast<int>(letter)) != 0 || letter == U'_' || letter == U'.' || letter == U'-');
}

/// With "_" for each of JavaScript's characters that might mean something in a path.
std::string safe_file_name(std::string_view name) {
  std::string safe;
  while (!name.empty()) {
    const Utf8Character character = decode_utf8(name);
    name.remove_prefix(character.bytes);
    const bool kept = character.state == Utf8State::kValid && is_kept(character.code_point);
    safe.append(character.code_point > 0xFFFF ? 2 : 1, kept ? static_cast<char>(character.code_point) : '_');
  }
  return safe.empty() || safe.front() == '.' ? "_" + safe : safe;
}

std::vector<fs::path> files_ending_in(std::string_view ending, const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code problem;
  fs::recursive_directory_iterator files(folder, fs::directory_options::skip_permission_denied, problem);
  for (; !problem && files != fs::recursive_directory_iterator(); files.increment(problem)) {
    if (files->path().extension() == ending) found.push_back(files->path());
  }
  return found;
}

}  // namespace

fs::path cache_path(const WebAddress& address) {
  const std::string folder = address.path().substr(0, address.path().rfind('/'));
  const std::string key = sha256_of(fmt::format("{}{}?{}", address.origin(), folder, address.query()));
  return fs::path(fmt::format("{}-{}", address.host(), key.substr(0, 16))) /
         safe_file_name(address.file_name());
}

std::optional<Note> parse_note(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto text_member = [&json](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : "";
  };
  Note note;
  note.url = text_member("url");
  note.sha256 = text_member("sha256");
  if (const auto size = json.find("size"); size != json.end() && size->is_number_unsigned()) {
    note.size = size->get<uint64_t>();
  }
  if (const auto modified = json.find("modified"); modified != json.end() && modified->is_number()) {
    note.modified = modified->get<double>();
  }
  return note.url.empty() ? std::nullopt : std::optional(std::move(note));
}

std::optional<Note> note_of(const fs::path& path) {
  std::ifstream file(note_path(path), std::ios::binary);
  if (!file) return std::nullopt;
  return parse_note(std::string(std::istreambuf_iterator<char>(file), {}));
}

Result<void> write_note(const fs::path& path, Note note, const fs::path& state_of) {
  struct stat state {};
  if (stat(state_of.c_str(), &state) != 0) return system_error(state_of, "look at it");
  nlohmann::ordered_json json = {{"url", note.url}};
  if (!note.sha256.empty()) json["sha256"] = note.sha256;
  json["size"] = static_cast<uint64_t>(state.st_size);
  json["modified"] = milliseconds(state.st_mtim);
  const std::string text = json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  HEARTH_ASSIGN(AtomicFile file, AtomicFile::create(note_path(path)));
  HEARTH_TRY(file.append(std::as_bytes(std::span(text))));
  return file.commit();
}

Result<void> commit(const fs::path& partial, const fs::path& path, const Note& note) {
  HEARTH_TRY(write_note(path, note, partial));
  std::error_code problem;
  fs::rename(partial, path, problem);
  if (problem) return system_error(path, "take this name", problem.value());
  return {};
}

void touch(const fs::path& path) {
  // It may be another's folder, or a read-only one.
  utimensat(AT_FDCWD, note_path(path).c_str(), nullptr, 0);
}

Result<void> discard(const fs::path& path) {
  std::error_code problem;
  fs::remove(path, problem);
  if (problem) return system_error(path, "delete it", problem.value());
  fs::remove(note_path(path), problem);
  return {};
}

std::vector<Entry> entries(const fs::path& folder) {
  std::vector<Entry> found;
  for (const fs::path& file : files_ending_in(kSuffix, folder)) {
    fs::path path = fs::path(file).replace_extension();
    std::error_code ignored;
    struct stat state {};
    auto note = note_of(path);
    if (!note || !fs::is_regular_file(path, ignored) || stat(file.c_str(), &state) != 0) continue;
    found.push_back({std::move(path), *std::move(note), time_point(state.st_mtim)});
  }
  return found;
}

std::vector<fs::path> partials(const fs::path& folder) { return files_ending_in(".partial", folder); }

bool is_unchanged(const fs::path& path, const Note& note) {
  struct stat state {};
  return stat(path.c_str(), &state) == 0 && note.size == static_cast<uint64_t>(state.st_size) &&
         note.modified == milliseconds(state.st_mtim);
}

}  // namespace hearth::store
