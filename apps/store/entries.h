// What the cache folder knows of each whole file, in a small JSON file beside it (PATH.entry). @hearth/node
// writes the same.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "apps/store/web_address.h"
#include "engine/base/result.h"

namespace hearth::store {

/// What is written down beside a file.
struct Note {
  std::string url;
  std::string sha256;            // where it was checked
  std::optional<uint64_t> size;  // when it was stored or checked last
  double modified = 0.0;         // its time of change then, in milliseconds since 1970, as Node.js has it
};

struct Entry {
  std::filesystem::path path;
  Note note;
  std::chrono::system_clock::time_point used;  // last
};

/// Where a URL's file is kept, relative to the cache folder: files of one folder stay side by side under
/// their own names, as the engine wants the parts of a split model. No name leads out of that folder.
std::filesystem::path cache_path(const WebAddress& address);

/// nullopt where nothing is known of the file at `path`.
std::optional<Note> note_of(const std::filesystem::path& path);
/// nullopt for what is no note.
std::optional<Note> parse_note(const std::string& text);
/// With the size and time of change that the file at `path` has, or the one at `state_of`.
Result<void> write_note(const std::filesystem::path& path, Note note, const std::filesystem::path& state_of);

/// Gives a file that is whole its own name. Whoever finds it, finds all of it.
Result<void> commit(const std::filesystem::path& partial, const std::filesystem::path& path,
                    const Note& note);

/// To be called when a file is used.
void touch(const std::filesystem::path& path);

/// Deletes a file and its note. IO where it stays.
Result<void> discard(const std::filesystem::path& path);

/// Of all whole files in a cache folder, in no order; none where there is no folder.
std::vector<Entry> entries(const std::filesystem::path& folder);

/// The files of interrupted downloads.
std::vector<std::filesystem::path> partials(const std::filesystem::path& folder);

/// Whether the file at `path` is as it was when its note was written.
bool is_unchanged(const std::filesystem::path& path, const Note& note);

}  // namespace hearth::store
