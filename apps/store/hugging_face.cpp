#include "apps/store/hugging_face.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <utility>

#include "apps/store/lower_case.h"
#include "engine/base/escaped.h"
#include "engine/format/model_file.h"

namespace hearth::store {
namespace {

constexpr std::string_view kUsualQuantization = "Q4_K_M";

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Projectors of images and importance matrices are no models; the later parts of a split one come with its
/// first.
bool is_model(const std::string& path) {
  const std::string lower = lower_case(path);
  if (!lower.ends_with(".gguf") || contains(lower, "mmproj") || contains(lower, "imatrix")) return false;
  const auto part = parse_part_name(path.substr(path.rfind('/') + 1));
  return !part || part->number == 1;
}

/// As a word of its own: Q4_K is not in model-Q4_K_M.gguf, nor F16 in model-BF16.gguf.
bool has_quantization(std::string_view path, std::string_view quantization) {
  const std::string name = lower_case(path.substr(0, path.size() - std::string_view(".gguf").size()));
  const std::string word = lower_case(quantization);
  for (size_t at = name.find(word); at != std::string::npos; at = name.find(word, at + 1)) {
    const size_t end = at + word.size();
    const bool begins = at == 0 || contains("-._/", name.substr(at - 1, 1));
    const bool ends = end == name.size() || contains("-./", name.substr(end, 1));
    if (begins && ends) return true;
  }
  return false;
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::string listing_url(const RepositoryReference& name, const std::string& endpoint) {
  return fmt::format("{}/api/models/{}/{}/tree/{}?recursive=true", endpoint, name.owner, name.repository,
                     encode_component(name.revision));
}

std::optional<std::vector<RepositoryFile>> parse_listing(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_array()) return std::nullopt;
  const auto text_member = [](const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
  };
  std::vector<RepositoryFile> files;
  for (const auto& entry : json) {
    if (!entry.is_object() || text_member(entry, "type") != "file") continue;
    RepositoryFile file{text_member(entry, "path"), std::nullopt, ""};
    if (const auto size = entry.find("size"); size != entry.end() && size->is_number_unsigned()) {
      file.size = size->get<uint64_t>();
    }
    if (const auto stored = entry.find("lfs"); stored != entry.end() && stored->is_object()) {
      const std::string sha256 = lower_case(text_member(*stored, "oid"));
      if (is_sha256(sha256)) file.sha256 = sha256;
    }
    if (!file.path.empty()) files.push_back(std::move(file));
  }
  return files;
}

std::string next_page(std::string_view link) {
  for (size_t begin = link.find('<'); begin != std::string_view::npos; begin = link.find('<', begin + 1)) {
    const size_t end = link.find('>', begin);
    if (end == std::string_view::npos) break;
    const std::string_view parameters = link.substr(end, link.find('<', end) - end);
    if (contains(parameters, "rel=\"next\"")) return std::string(link.substr(begin + 1, end - begin - 1));
  }
  return "";
}

Result<std::string> choose_file(const RepositoryReference& name, std::vector<std::string> paths) {
  const std::string repository = fmt::format("hf:{}/{}", name.owner, name.repository);
  const auto listed = [](const std::vector<std::string>& files) {
    return files.empty() ? "none" : escaped(fmt::format("{}", fmt::join(files, ", ")));
  };
  paths.erase(std::remove_if(paths.begin(), paths.end(), [](const auto& path) { return !is_model(path); }),
              paths.end());
  std::sort(paths.begin(), paths.end());
  const std::string_view wanted = name.quantization.empty() ? kUsualQuantization : name.quantization;
  std::vector<std::string> chosen;
  std::copy_if(paths.begin(), paths.end(), std::back_inserter(chosen),
               [wanted](const std::string& path) { return has_quantization(path, wanted); });
  if (name.quantization.empty()) {
    if (!chosen.empty()) return chosen.front();
    if (!paths.empty()) return paths.front();
    return Error{ErrorCode::kNotFound, fmt::format("{}: the repository has no GGUF file", repository)};
  }
  if (chosen.size() == 1) return chosen.front();
  if (chosen.empty()) {
    return Error{ErrorCode::kNotFound, fmt::format("{}: no file has {} in its name; the GGUF files are: {}",
                                                   repository, wanted, listed(paths))};
  }
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("{}: several files have {} in their names: {}; name one of them", repository,
                           wanted, listed(chosen))};
}

}  // namespace hearth::store
