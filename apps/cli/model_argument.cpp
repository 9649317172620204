#include "apps/cli/model_argument.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace hearth::cli {
namespace {

bool is_file(const std::string& name) {
  std::error_code no_path;  // a prompt may be too long for one
  return std::filesystem::is_regular_file(name, no_path);
}

bool is_address(const std::string& name) {
  constexpr std::array<std::string_view, 3> kSchemes{"http://", "https://", "hf:"};
  return std::any_of(kSchemes.begin(), kSchemes.end(),
                     [&name](std::string_view scheme) { return name.starts_with(scheme); }) &&
         name.find_first_of(" \t\r\n") == std::string::npos;
}

/// Where to get the file of an address; empty where hf: does not say which file of the repository it is.
std::string url_of(std::string_view address) {
  if (!address.starts_with("hf:")) return std::string(address);
  address.remove_prefix(std::min(address.find_first_not_of('/', 3), address.size()));
  constexpr size_t kNone = std::string_view::npos;
  const size_t owner_end = address.find('/');
  const size_t repository_end = owner_end == kNone ? kNone : address.find('/', owner_end + 1);
  if (repository_end == kNone || !address.ends_with(".gguf")) return "";
  const std::string_view repository = address.substr(0, repository_end);
  const size_t at = repository.find('@');
  return fmt::format("https://huggingface.co/{}/resolve/{}/{}", repository.substr(0, at),
                     at == kNone ? "main" : repository.substr(at + 1), address.substr(repository_end + 1));
}

}  // namespace

bool names_model(const std::string& argument) {
  return argument.empty() || argument.ends_with(".gguf") || is_address(argument) || is_file(argument);
}

std::string fault_of_model_name(const std::string& name) {
  if (name.empty()) return "the name is empty; is a variable of the shell not set?";
  if (!is_address(name) || is_file(name)) return "";
  const std::string url = url_of(name);
  const std::string download =
      url.empty() ? "" : fmt::format("download it first (curl --location --remote-name '{}') or ", url);
  return fmt::format(
      "{} is no file, and this program fetches none; {}use the command of the npm package @hearth/node, "
      "which does (npx hearth run '{}' PROMPT)",
      name, download, name);
}

CLI::Validator model_name() {
  return CLI::Validator([](const std::string& name) { return fault_of_model_name(name); }, "", "model_name");
}

}  // namespace hearth::cli
