#include "apps/cli/line_reader.h"

#include <sys/types.h>

#include <cstdio>
#include <cstdlib>

#include "apps/cli/console.h"
#include "apps/cli/input.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/line_editor.h"

namespace hearth::cli {
namespace {

/// Lines as they come, without a prompt.
class PlainReader final : public LineReader {
 public:
  std::optional<std::string> read(const char* /*prompt*/) override {
    if (stdin_is_terminal() && !wait_for_line()) return std::nullopt;
    char* line = nullptr;
    size_t room = 0;
    const ssize_t length = getline(&line, &room, stdin);
    const std::unique_ptr<char, decltype(&std::free)> owner(line, std::free);
    if (length < 0 || interrupted()) return std::nullopt;
    return plain_text({line, static_cast<size_t>(length)});
  }
};

}  // namespace

std::unique_ptr<LineReader> open_line_reader() {
  std::FILE* const screen = stdout_is_terminal() ? stdout : stderr;
  if (stdin_is_terminal() && (stdout_is_terminal() || stderr_is_terminal())) {
    return open_line_editor(screen);
  }
  return std::make_unique<PlainReader>();
}

}  // namespace hearth::cli
