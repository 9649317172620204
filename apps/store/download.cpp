#include "apps/store/download.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "apps/store/lower_case.h"
#include "apps/store/partial_file.h"
#include "engine/base/escaped.h"

namespace hearth::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "GGUF";

/// What stands there in place of a model.
std::string what_it_is(std::string_view text) {
  if (text.empty()) return "the file is empty";
  const size_t mark = text.find('<');
  const std::string tag = mark == std::string_view::npos ? "" : lower_case(text.substr(mark + 1, 8));
  if (tag.starts_with("!doctype") || tag.starts_with("html") || tag.starts_with("head") ||
      tag.starts_with("body")) {
    return "this is a web page (HTML), no model: is the address right, and does the server want a login?";
  }
  if (text.starts_with("version https://git-lfs")) {
    return "this is a Git LFS pointer, not the file that it stands for: take the address of that (at Hugging "
           "Face, "
           "one with /resolve/)";
  }
  return fmt::format(
      "begins with \"{}\", not with \"GGUF\": this is no model but something else; is the address right?",
      escaped(text.substr(0, 4)));
}

/// One request, and what its answer does to the file.
class Transfer {
 public:
  Transfer(const Download& download, const fs::path& partial)
      : download_(download), partial_(partial), have_(size_of(partial)), tag_(read_tag(partial)) {}

  Try run() {
    if (have_ > 0 && have_ == download_.size && !tag_.empty()) return {{}, false, {}};
    HttpRequest request = download_.request;
    if (is_resuming()) {
      request.ranges = {fmt::format("Range: bytes={}-", have_), "If-Range: " + tag_};
    }
    HttpReceiver receiver;
    receiver.begin = [this](const HttpHead& head) { return begin(head); };
    receiver.body = [this](std::span<const std::byte> bytes) { return take(bytes); };
    receiver.go_on = [this](const std::string& message) {
      return download_.go_on(file_ ? file_->at() : have_, total_, message);
    };
    const auto head = http_get(request, receiver);
    const Result<void> result = head.ok() ? finish() : head.error();
    return {result, size_of(partial_) > have_, wait_};
  }

 private:
  bool is_resuming() const { return have_ > 0 && !tag_.empty(); }
  const WebAddress& url() const { return download_.request.url; }

  /// Whether an answer to a request for the bytes from `have_` on has those, of the same file; or has all of
  /// the file.
  bool goes_on(const HttpHead& head) const {
    if (head.status == 416) return false;
    if (head.status != 206) return true;
    const uint64_t begin = content_range(head.header("content-range")).begin.value_or(have_);
    const std::string found = head.validator();
    return begin == have_ && !head.is_encoded() && (found.empty() || found == tag_);
  }

  Result<void> begin(const HttpHead& head) {
    wait_ = head.retry_after();
    if (is_resuming() && head.status == 416 && content_range(head.header("content-range")).total == have_) {
      is_whole_ = true;
      return {};
    }
    if (is_resuming() && !goes_on(head)) {
      discard_partial(partial_);
      return Error{ErrorCode::kNetwork,
                   fmt::format("{}: the server does not go on at byte {}", url().href(), have_)};
    }
    if (head.status != 200 && !(is_resuming() && head.status == 206)) return refused(url(), head);
    file_.emplace(partial_, head.status == 206 ? have_ : 0);
    new_tag_ = head.is_encoded() ? "" : head.validator();
    length_ = head.length();
    if (length_) total_ = file_->at() + *length_;
    if (length_ && download_.size && total_ != *download_.size) return wrong_size(total_);
    return check_room();
  }

  Result<void> check_room() const {
    if (!length_) return {};
    std::error_code unknown;
    const fs::space_info disk = fs::space(partial_.parent_path(), unknown);
    const uint64_t given_back = file_->at() == 0 ? have_ : 0;
    if (unknown || *length_ <= disk.available + given_back) return {};
    return Error{
        ErrorCode::kCacheQuota,
        fmt::format("{}: {} more bytes are needed, and its disk has {}; delete models that you do not need "
                    "('hearth rm')",
                    partial_.string(), *length_, disk.available + given_back)};
  }

  Error wrong_size(uint64_t found) const {
    return {ErrorCode::kIntegrity,
            fmt::format("{}: it has {} bytes, not {}", url().href(), found, *download_.size)};
  }

  /// What was there before stays until it is known that a model comes.
  Result<void> take(std::span<const std::byte> bytes) {
    if (!file_) return {};  // of an answer that says that all is there
    if (download_.size && file_->at() + first_.size() + bytes.size() > *download_.size) {
      return wrong_size(file_->at() + first_.size() + bytes.size());
    }
    if (file_->is_open()) return file_->write(bytes);
    first_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const bool judged = download_.begins_model && file_->at() == 0;
    if (judged && first_.size() < kMagic.size()) return {};
    if (judged && !first_.starts_with(kMagic)) return no_model();
    return write_first();
  }

  Error no_model() const {
    return {ErrorCode::kInvalidModel, fmt::format("{}: {}", url().href(), what_it_is(first_))};
  }

  Result<void> write_first() {
    HEARTH_TRY(file_->open_with(new_tag_));
    const std::string first = std::exchange(first_, "");
    return file_->write(std::as_bytes(std::span(first)));
  }

  Result<void> finish() {
    if (is_whole_) return {};
    if (!file_->is_open() && download_.begins_model && file_->at() == 0) return no_model();
    if (!file_->is_open()) HEARTH_TRY(write_first());
    if (length_ && file_->at() != total_) {
      return Error{ErrorCode::kNetwork,
                   fmt::format("{}: it broke off at byte {} of {}", url().href(), file_->at(), total_)};
    }
    return {};
  }

  const Download& download_;
  const fs::path& partial_;
  uint64_t have_;
  std::string tag_;
  std::optional<PartialFile> file_;
  std::string new_tag_;
  std::string first_;  // bytes that are not in the file yet
  std::optional<uint64_t> length_;
  uint64_t total_ = 0;
  bool is_whole_ = false;
  std::chrono::seconds wait_{0};
};

}  // namespace

Result<void> download(const Download& download, const fs::path& partial) {
  const auto attempt = [&] { return Transfer(download, partial).run(); };
  return with_retries(attempt, [&](const std::string& message) {
    return download.go_on(size_of(partial), download.size.value_or(0), message);
  });
}

}  // namespace hearth::store
