#include "apps/bundle/web_files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <system_error>
#include <vector>

namespace hearth::bundle {

Result<std::filesystem::path> find_web_files(const std::filesystem::path& given) {
  std::error_code ignored;
  std::vector<std::filesystem::path> places{given};
  if (given.empty()) {
    const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
    places = {program / "share" / "hearth" / "web", program / ".." / "share" / "hearth" / "web"};
  }
  std::vector<std::string> tried;
  for (const auto& place : places) {
    const std::filesystem::path folder = place.lexically_normal();
    if (std::filesystem::exists(folder / "service_worker.js", ignored)) return folder;
    tried.push_back(folder.string());
  }
  return Error{
      ErrorCode::kNotFound,
      fmt::format("the web files of bundles are not in {}: tools/build_bundle.sh of Hearth's repository "
                  "makes them in build/share/hearth/web; --web names another folder",
                  fmt::join(tried, ", nor in "))};
}

}  // namespace hearth::bundle
