// The files of the chat page at /, made from examples/chat by tools/build_page.sh. They are part of the
// program: CMake writes this list's source from built/ (cmake/embed_files.cmake).
#pragma once

#include <array>
#include <string_view>

namespace hearth::serve::page {

struct File {
  std::string_view name;
  std::string_view sha256;  // of the content
  std::string_view content;
};

extern const std::array<File, 4> kFiles;

}  // namespace hearth::serve::page
