#include "apps/workflow/services/folder_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <mutex>
#include <optional>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "apps/store/web_address.h"
#include "engine/base/atomic_file.h"
#include "engine/base/system_error.h"
#include "engine/text/json_text.h"

namespace hearth::workflow {

using Json = FolderStore::Json;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view kEnding = ".json";
constexpr std::string_view kUnfinished = ".part";
/// File systems take names of 255 bytes, and a file that is being written has a longer one.
constexpr size_t kLongestName = 224;
constexpr size_t kLongestValue = size_t{16} << 20;

/// Lower-case letters, digits, - and _ as they are: some file systems tell no "A" from "a".
std::string encoded_name(std::string_view text) {
  std::string name;
  for (const char letter : text) {
    const bool is_plain = (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') ||
                          letter == '-' || letter == '_';
    name += is_plain ? std::string(1, letter) : fmt::format("%{:02X}", static_cast<unsigned char>(letter));
  }
  return name.empty() ? "%" : name;
}

Result<std::string> name_of(const Json& request, std::string_view member) {
  const auto text = request.find(member);
  if (text == request.end() || !text->is_string())
    return Error{ErrorCode::kInvalidArgument, fmt::format("a value of the store needs a '{}'", member)};
  std::string name = encoded_name(text->get_ref<const std::string&>());
  if (name.size() <= kLongestName) return name;
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("the {} is too long to be kept: it has {} bytes, where letters and digits count "
                           "one, and other bytes three; {} are the most",
                           member, name.size(), kLongestName)};
}

/// Nothing for a file that is no value's.
std::optional<std::string> key_of(const fs::path& file) {
  const std::string name = file.filename().string();
  if (!name.ends_with(kEnding)) return std::nullopt;
  return store::decode_component(name.substr(0, name.size() - kEnding.size()));
}

/// Threads of this program that write the same value would share a temporary file.
std::mutex& writing() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace

FolderStore::FolderStore(fs::path folder, std::string_view owner)
    : folder_(owner.empty() ? std::move(folder) : folder / encoded_name(owner)) {}

Result<Json> FolderStore::answer(const Json& request) const {
  const std::string operation = request.value("op", "");
  if (operation == "get") return get(request);
  if (operation == "put") return put(request);
  if (operation == "delete") return remove(request);
  if (operation == "list") return list(request);
  return Error{ErrorCode::kUnsupported, fmt::format("the store has no '{}'", operation)};
}

Result<fs::path> FolderStore::folder_of(const Json& request) const {
  HEARTH_ASSIGN(const std::string name, name_of(request, "namespace"));
  return folder_ / name;
}

Result<fs::path> FolderStore::file_of(const Json& request) const {
  HEARTH_ASSIGN(const fs::path folder, folder_of(request));
  HEARTH_ASSIGN(const std::string name, name_of(request, "key"));
  return folder / (name + std::string(kEnding));
}

Result<Json> FolderStore::get(const Json& request) const {
  HEARTH_ASSIGN(const fs::path file, file_of(request));
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return Json{{"value", nullptr}, {"found", false}};
  std::ifstream stream(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (!stream) return system_error(file, "read it");
  Result<Json> value = parse_json(text, file.string());
  if (!value.ok()) {
    return Error{ErrorCode::kIntegrity,
                 fmt::format("{}; delete the file, or put the value again", value.error().message)};
  }
  return Json{{"value", *std::move(value)}, {"found", true}};
}

Result<Json> FolderStore::put(const Json& request) const {
  HEARTH_ASSIGN(const fs::path file, file_of(request));
  const std::string text = write_json(request.value("value", Json()));
  if (text.size() > kLongestValue) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("the value is too long to be kept: {} bytes are the most", kLongestValue)};
  }
  std::error_code problem;
  fs::create_directories(file.parent_path(), problem);
  if (problem) return system_error(file.parent_path(), "make it", problem.value());
  const std::lock_guard lock(writing());
  HEARTH_ASSIGN(AtomicFile written, AtomicFile::create(file, fs::perms(0600)));
  HEARTH_TRY(written.append(std::as_bytes(std::span(text))));
  HEARTH_TRY(written.commit());
  return Json::object();
}

Result<Json> FolderStore::remove(const Json& request) const {
  HEARTH_ASSIGN(const fs::path file, file_of(request));
  std::error_code problem;
  fs::remove(file, problem);
  if (problem) return system_error(file, "delete it", problem.value());
  return Json::object();
}

Result<Json> FolderStore::list(const Json& request) const {
  HEARTH_ASSIGN(const fs::path folder, folder_of(request));
  const std::string prefix = request.value("prefix", "");
  std::vector<std::string> keys;
  std::error_code problem;
  for (fs::directory_iterator entries(folder, problem), end; !problem && entries != end;
       entries.increment(problem)) {
    std::optional<std::string> key = key_of(entries->path());
    if (key && key->starts_with(prefix)) keys.push_back(*std::move(key));
  }
  if (problem && problem != std::errc::no_such_file_or_directory)
    return system_error(folder, "list it", problem.value());
  std::sort(keys.begin(), keys.end());
  return Json{{"keys", keys}};
}

void clear_unfinished(const fs::path& folder) {
  std::error_code problem;
  for (fs::recursive_directory_iterator entries(folder, problem), end; !problem && entries != end;
       entries.increment(problem)) {
    std::error_code ignored;
    const std::string name = entries->path().filename().string();
    const bool is_ours =
        name.ends_with(kUnfinished) && name.find(fmt::format("{}.", kEnding)) != std::string::npos;
    if (is_ours) fs::remove(entries->path(), ignored);
  }
}

}  // namespace hearth::workflow
