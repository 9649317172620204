// What comes from users and servers and decides where files are kept: references, lists of repositories,
// manifests, headers, notes. The first byte says which; whatever it is, no name leads out of the cache
// folder.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "apps/store/choose_model.h"
#include "apps/store/entries.h"
#include "apps/store/http.h"
#include "apps/store/hugging_face.h"
#include "apps/store/listings.h"
#include "apps/store/manifest.h"
#include "apps/store/reference.h"

namespace {

using namespace hearth::store;  // NOLINT(google-build-using-namespace)

const std::string kEndpoint = "https://huggingface.co";

void require(bool holds) {
  if (!holds) std::abort();
}

/// The file of an address lies in a folder of the cache folder, and the address stands for itself.
void check_address(const WebAddress& address) {
  const std::filesystem::path path = cache_path(address);
  require(std::distance(path.begin(), path.end()) == 2 && path == path.lexically_normal() &&
          path.is_relative());
  require(path.filename() != "." && path.filename() != ".." && !path.filename().empty());
  const auto again = WebAddress::parse(address.href());
  require(again.ok() && again->href() == address.href() && cache_path(*again) == path);
}

void check_repository(const RepositoryReference& name, const std::string& file) {
  const auto url = name.file_url(kEndpoint, file);
  if (!url.ok()) return;
  check_address(*url);
  require(url->href().starts_with(name.folder_url(kEndpoint)));
  const auto reference = reference_of_url(url->href(), kEndpoint);
  require(reference && *reference == name.str(file));
}

void read_reference(const std::string& text) {
  is_address(text);
  const auto reference = parse_reference(text);
  if (!reference.ok()) return;
  if (const auto* address = std::get_if<WebAddress>(&*reference)) check_address(*address);
  if (const auto* name = std::get_if<RepositoryReference>(&*reference)) {
    check_repository(*name, name->file.empty() ? "m.gguf" : name->file);
  }
}

void read_listing(const std::string& text) {
  const auto files = parse_listing(text);
  if (!files) return;
  RepositoryReference name;
  name.owner = "owner";
  name.repository = "repository";
  std::vector<ListedModel> listed;
  for (const RepositoryFile& file : *files) listed.push_back({file.path, file.size});
  for (const std::string_view type : {"", "Q4_K_M"}) {
    const auto chosen = choose_model(name.str(), type, listed, {uint64_t{8} << 30, std::nullopt});
    if (chosen.ok()) check_repository(name, chosen->path);
  }
}

void read_manifest(const std::string& text) {
  const auto manifest = parse_manifest(nlohmann::ordered_json::parse(text, nullptr, false));
  if (!manifest) return;
  uint64_t sum = 0;
  const auto base = WebAddress::parse("https://example.org/models/m.json");
  for (const Chunk& chunk : manifest->chunks) {
    sum += chunk.size;
    const auto url = base->resolve(chunk.url);
    if (url.ok()) check_address(*url);
  }
  require(sum == manifest->size);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      read_reference(text);
      break;
    case 1:
      read_listing(text);
      break;
    case 2:
      read_manifest(text);
      break;
    case 3:
      content_range(text);
      next_page(text);
      break;
    default:
      parse_note(text);
      parse_page(text);
  }
  return 0;
}
