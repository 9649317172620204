#include "apps/store/hugging_face.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "apps/store/lower_case.h"

namespace hearth::store {
namespace {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
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

}  // namespace hearth::store
