#include "apps/cli/line_editor.h"

#include <histedit.h>
#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <clocale>
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "apps/cli/console.h"
#include "apps/cli/interrupt.h"
#include "engine/text/unicode.h"

namespace hearth::cli {
namespace {

constexpr int kHistorySize = 1000;
// Terminals put these around what is pasted once they are asked to (xterm's "bracketed paste mode").
constexpr std::wstring_view kPasteEnd = L"\033[201~";
constexpr const char* kAskForPasteMarks = "\033[?2004h";
constexpr const char* kStopPasteMarks = "\033[?2004l";
constexpr const char* kClearFromHere = "\r\033[J";
constexpr char kStyleMark = '\1';  // around what takes no room in a prompt

std::wstring wide(std::string_view text) {
  std::wstring out;
  while (!text.empty()) {
    const hearth::Utf8Character character = decode_utf8(text);
    out += static_cast<wchar_t>(character.code_point);
    text.remove_prefix(character.bytes);
  }
  return out;
}

std::string narrow(std::wstring_view text) {
  std::string out;
  for (const wchar_t c : text) append_utf8(out, static_cast<char32_t>(c));
  return out;
}

/// What a paste means as text: its line ends as line breaks, and no control characters but those and tabs.
std::wstring pasted_text(std::wstring_view pasted) {
  std::wstring text;
  for (size_t i = 0; i < pasted.size(); ++i) {
    const wchar_t c = pasted[i];
    const bool is_control = c < 0x20 || (c >= 0x7F && c < 0xA0);
    if (c == L'\r') {
      if (pasted.substr(i, 2) != L"\r\n") text += L'\n';
    } else if (!is_control || c == L'\n' || c == L'\t') {
      text += c;
    }
  }
  return text;
}

/// A style that ends with the prompt would only end with the first character of the line: a space follows.
std::wstring marked_prompt(const std::string& prompt) {
  if (prompt.empty()) return L"";
  const std::string mark(1, kStyleMark);
  return wide(mark + styled(Style::kPrompt, mark + prompt + mark) + mark + " ");
}

/// libedit counts columns and writes characters by LC_CTYPE.
void use_utf8() {
  std::setlocale(LC_CTYPE, "");
  if (std::string_view(nl_langinfo(CODESET)) != "UTF-8") std::setlocale(LC_CTYPE, "C.UTF-8");
}

bool understands_escapes() {
  const char* const terminal = std::getenv("TERM");
  return terminal != nullptr && *terminal != '\0' && std::string_view(terminal) != "dumb";
}

class LineEditor final : public LineReader {
 public:
  explicit LineEditor(std::FILE* screen)
      : screen_(screen), editor_(el_init("hearth", stdin, screen, stderr)), history_(history_winit()) {
    el_wset(editor_, EL_CLIENTDATA, this);
    el_wset(editor_, EL_GETCFN, next_character);
    el_wset(editor_, EL_PROMPT_ESC, prompt, static_cast<wchar_t>(kStyleMark));
    el_wset(editor_, EL_EDITOR, L"emacs");
    HistEventW event{};
    history_w(history_, &event, H_SETSIZE, kHistorySize);
    history_w(history_, &event, H_SETUNIQUE, 1);
    el_wset(editor_, EL_HIST, history_w, history_);
    // Ctrl-C, Ctrl-Z and Ctrl-S come as characters, so that a paste that holds them does nothing, and the
    // ends of its lines as they are.
    el_wset(editor_, EL_SETTY, L"-d", L"-isig", L"-ixon", L"-icrnl", L"-inlcr", nullptr);
    bind(L"\\e[200~", L"hearth-paste", paste);
    bind(L"^C", L"hearth-interrupt", interrupt);
    bind(L"^Z", L"hearth-suspend", suspend);
    el_wset(editor_, EL_BIND, L"^R", L"em-inc-search-prev", nullptr);
    el_wset(editor_, EL_BIND, L"^W", L"ed-delete-prev-word", nullptr);
    el_wset(editor_, EL_BIND, L"\\e[1;5D", L"ed-prev-word", nullptr);  // Ctrl-Left
    el_wset(editor_, EL_BIND, L"\\e[1;5C", L"em-next-word", nullptr);  // Ctrl-Right
    if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size_) != 0) size_ = {};
  }
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;
  ~LineEditor() override {
    el_end(editor_);
    history_wend(history_);
  }

  std::optional<std::string> read(const char* prompt) override {
    prompt_ = marked_prompt(prompt);
    el_wset(editor_, EL_PREP_TERM, 1);  // before anything asks for keys
    mark_pastes(true);
    int length = 0;
    const wchar_t* const line = el_wgets(editor_, &length);
    mark_pastes(false);
    if (line == nullptr || length <= 0) return std::nullopt;
    std::wstring_view text(line, static_cast<size_t>(length));
    while (text.ends_with(L'\n')) text.remove_suffix(1);
    remember(text);
    return narrow(text);
  }

 private:
  using Command = unsigned char (*)(EditLine*, int);

  void bind(const wchar_t* keys, const wchar_t* name, Command command) {
    el_wset(editor_, EL_ADDFN, name, name, command);
    el_wset(editor_, EL_BIND, keys, name, nullptr);
  }

  void mark_pastes(bool wanted) {
    if (!understands_escapes()) return;
    std::fputs(wanted ? kAskForPasteMarks : kStopPasteMarks, screen_);
    std::fflush(screen_);
  }

  void remember(std::wstring_view text) {
    if (text.empty()) return;
    HistEventW event{};
    history_w(history_, &event, H_ENTER, std::wstring(text).c_str());
  }

  static LineEditor& of(EditLine* editor) {
    void* self = nullptr;
    el_wget(editor, EL_CLIENTDATA, &self);
    return *static_cast<LineEditor*>(self);
  }

  static wchar_t* prompt(EditLine* editor) { return of(editor).prompt_.data(); }

  /// Waits for a character; 1 if there is one, 0 at the end of the input or after a signal.
  static int next_character(EditLine* editor, wchar_t* character) {
    LineEditor& self = of(editor);
    std::string bytes;
    for (;;) {
      if (!wait_for_line()) return 0;
      self.follow_size();
      char byte = 0;
      if (::read(STDIN_FILENO, &byte, 1) != 1) return 0;
      bytes += byte;
      const Utf8Character decoded = decode_utf8(bytes);
      if (decoded.state == Utf8State::kUnfinished) continue;
      *character = static_cast<wchar_t>(decoded.code_point);
      return 1;
    }
  }

  /// A window that has changed its size since the last key is noticed at the next one, and the line drawn
  /// anew from the row where its end is: only a long line leaves rows of its old form above.
  void follow_size() {
    winsize size{};
    if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) != 0) return;
    if (size.ws_col == size_.ws_col && size.ws_row == size_.ws_row) return;
    size_ = size;
    el_resize(editor_);
    if (understands_escapes()) std::fputs(kClearFromHere, screen_);
    el_wset(editor_, EL_REFRESH);
  }

  /// All that is pasted becomes part of the line, line breaks included.
  static unsigned char paste(EditLine* editor, int) {
    std::wstring pasted;
    wchar_t character = 0;
    while (!std::wstring_view(pasted).ends_with(kPasteEnd)) {
      if (el_wgetc(editor, &character) != 1) return CC_EOF;
      pasted += character;
    }
    pasted.resize(pasted.size() - kPasteEnd.size());
    const std::wstring text = pasted_text(pasted);
    return el_winsertstr(editor, text.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
  }

  /// Discards the line; in an empty one, does what the signal does.
  static unsigned char interrupt(EditLine* editor, int) {
    const LineInfoW* const line = el_wline(editor);
    const auto length = static_cast<int>(line->lastchar - line->buffer);
    if (length == 0) {
      of(editor).leave_for(SIGINT);
      return CC_EOF;
    }
    el_cursor(editor, length);
    el_wdeletestr(editor, length);
    return CC_REFRESH;
  }

  static unsigned char suspend(EditLine* editor, int) {
    of(editor).leave_for(SIGTSTP);
    return CC_REDISPLAY;
  }

  /// Raises a signal, which may end the program, with the terminal as it was found.
  void leave_for(int signal) {
    mark_pastes(false);
    el_wset(editor_, EL_PREP_TERM, 0);
    std::raise(signal);
    el_wset(editor_, EL_PREP_TERM, 1);
    mark_pastes(true);
  }

  std::FILE* const screen_;
  EditLine* const editor_;
  HistoryW* const history_;
  std::wstring prompt_;
  winsize size_{};
};

}  // namespace

std::unique_ptr<LineReader> open_line_editor(std::FILE* screen) {
  use_utf8();
  return std::make_unique<LineEditor>(screen);
}

}  // namespace hearth::cli
