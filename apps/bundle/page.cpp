#include "apps/bundle/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>
#include <string_view>

namespace hearth::bundle {
namespace {

constexpr const char* kManifest = "manifest.webmanifest";

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// Behind the first of the tags that a page has, of those that may be left out in HTML.
size_t begin_of_head(const std::string& html) {
  const std::string text = lower(html);
  for (const std::string_view tag : {"<head", "<html", "<!doctype"}) {
    const size_t begin = text.find(tag);
    const size_t after = begin + tag.size();
    // <header> is no <head>
    if (begin == std::string::npos || after >= text.size() || std::isalpha(text[after]) != 0) continue;
    if (const size_t end = text.find('>', after); end != std::string::npos) return end + 1;
  }
  return 0;
}

/// A page says its encoding in its first 1024 bytes, so little is put before that.
void add_start(std::string& html) {
  std::string lines;
  if (lower(html).find("rel=\"manifest\"") == std::string::npos) {
    lines += fmt::format("<link rel=\"manifest\" href=\"{}\">", kManifest);
  }
  if (html.find("hearth/start.js") == std::string::npos) lines += "<script src=\"hearth/start.js\"></script>";
  html.insert(begin_of_head(html), lines);
}

std::string web_manifest(const std::string& name) {
  const nlohmann::ordered_json manifest = {
      {"name", name},
      {"start_url", "./"},
      {"scope", "./"},
      {"display", "standalone"},
      {"background_color", "#ffffff"},
      {"theme_color", "#ea580c"},
      {"icons",
       {{{"src", "icon.svg"}, {"type", "image/svg+xml"}, {"sizes", "any"}},
        {{"src", "icon-192.png"}, {"type", "image/png"}, {"sizes", "192x192"}},
        {{"src", "icon-512.png"}, {"type", "image/png"}, {"sizes", "512x512"}}}}};
  return manifest.dump(2) + "\n";
}

Result<void> check_names(const Files& files, const std::filesystem::path& folder) {
  if (!files.contains("index.html")) {
    return Error{ErrorCode::kInvalidArgument, fmt::format("{}: has no index.html", folder.string())};
  }
  for (const auto& [name, bytes] : files) {
    const bool taken = name == "bundle.json" || name == "service_worker.js" || name.starts_with("hearth/") ||
                       name.starts_with("model/") || name.starts_with("workflow/");
    if (!taken) continue;
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{}: a bundle has a file of its own there; give the page's another name",
                             (folder / name).string())};
  }
  return {};
}

}  // namespace

Result<Files> page_files(const std::filesystem::path& folder, const std::filesystem::path& icons,
                         const std::string& name) {
  HEARTH_ASSIGN(Files files, read_folder(folder));
  HEARTH_TRY(check_names(files, folder));
  if (!files.contains(kManifest)) {
    files[kManifest] = web_manifest(name);
    for (const char* icon : {"icon.svg", "icon-192.png", "icon-512.png"}) {
      if (files.contains(icon)) continue;
      HEARTH_ASSIGN(files[icon], read_file(icons / icon));
    }
  }
  add_start(files["index.html"]);
  return files;
}

}  // namespace hearth::bundle
