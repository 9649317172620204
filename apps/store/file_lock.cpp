#include "apps/store/file_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <fstream>
#include <iterator>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include "apps/store/partial_file.h"
#include "engine/base/escaped.h"
#include "engine/base/system_error.h"
#include "engine/base/thread.h"

namespace hearth::store {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kRetry{100};

std::string random_token() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

std::string host_name() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

/// Which processes a holder's number can be compared with: those of the same container.
std::string process_space() {
  std::error_code ignored;  // not Linux
  return fs::read_symlink("/proc/self/ns/pid", ignored).string();
}

/// False where it exists.
Result<bool> create(const fs::path& path, const std::string& text) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0 && errno == EEXIST) return false;
  if (file < 0) return write_error(path, "create it");
  const ssize_t written = write(file, text.data(), text.size());
  const int problem = errno;
  close(file);
  if (written == static_cast<ssize_t>(text.size())) return true;
  unlink(path.c_str());
  return write_error(path, "write to it", written < 0 ? problem : ENOSPC);
}

/// A lock as one who waits finds it.
struct Sight {
  std::string text;
  timespec modified;  // by the file system's clock

  bool operator==(const Sight& other) const {
    return text == other.text && modified.tv_sec == other.modified.tv_sec &&
           modified.tv_nsec == other.modified.tv_nsec;
  }
};

/// nullopt where there is none.
Result<std::optional<Sight>> look(const fs::path& path) {
  const int file =
      open(path.c_str(), O_RDONLY | O_CLOEXEC);  // network file systems ask for the time anew then
  if (file < 0 && errno == ENOENT) return std::optional<Sight>();
  if (file < 0) return system_error(path, "open it");
  struct stat state {};
  std::array<char, 4096> text{};
  const bool known = fstat(file, &state) == 0;
  const ssize_t length = read(file, text.data(), text.size());
  const int problem = errno;
  close(file);
  if (!known || length < 0) return system_error(path, "read it", problem);
  return std::optional(Sight{std::string(text.data(), static_cast<size_t>(length)), state.st_mtim});
}

struct Holder {
  std::optional<pid_t> process;
  std::string host;
  std::string space;
};

/// Nothing of a text that was not written to its end.
Holder parse_holder(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  Holder holder;
  if (!json.is_object()) return holder;
  if (const auto pid = json.find("pid"); pid != json.end() && pid->is_number_unsigned()) {
    holder.process = static_cast<pid_t>(std::min<uint64_t>(pid->get<uint64_t>(), INT32_MAX));
  }
  const auto text_member = [&json](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : "";
  };
  holder.host = text_member("host");
  holder.space = text_member("space");
  return holder;
}

std::string name_of(const Holder& holder) {
  if (!holder.process) return "another process";
  return escaped(fmt::format("process {} on {}", *holder.process, holder.host));
}

/// How long before now, for the file system that has `path`, `time` was.
Result<std::chrono::milliseconds> age_at(const fs::path& path, const timespec& time) {
  const fs::path probe = fmt::format("{}.{}", path.string(), random_token());
  HEARTH_TRY(create(probe, ""));
  struct stat state {};
  const bool known = stat(probe.c_str(), &state) == 0;
  unlink(probe.c_str());
  if (!known) return std::chrono::milliseconds(0);
  return std::chrono::milliseconds((state.st_mtim.tv_sec - time.tv_sec) * 1000 +
                                   (state.st_mtim.tv_nsec - time.tv_nsec) / 1'000'000);
}

/// Whether its holder has ended, or was silent for a lease when it was seen `first`.
Result<bool> is_abandoned(const fs::path& path, const Sight& sight, bool first, LockTimes times) {
  const Holder holder = parse_holder(sight.text);
  if (holder.process && holder.host == host_name() && holder.space == process_space()) {
    return kill(*holder.process, 0) != 0 && errno == ESRCH;  // only asks whether it is there
  }
  if (!first) return false;
  HEARTH_ASSIGN(const auto age, age_at(path, sight.modified));
  return age > times.lease;
}

/// Removes the lock that was seen, if it is that one still. Of several who want to, one at a time may.
Result<void> take_away(const fs::path& path, const Sight& seen, LockTimes times) {
  const fs::path turn = fs::path(path) += ".taking";
  HEARTH_ASSIGN(const bool ours, create(turn, ""));
  if (!ours) {
    HEARTH_ASSIGN(const auto other, look(turn));  // at it for a moment, or ended in the middle of it
    if (!other) return {};
    HEARTH_ASSIGN(const auto age, age_at(path, other->modified));
    if (age > times.lease) unlink(turn.c_str());
    std::this_thread::sleep_for(kRetry);
    return {};
  }
  const auto sight = look(path);
  if (sight.ok() && *sight && **sight == seen) unlink(path.c_str());
  unlink(turn.c_str());
  return {};
}

/// A disturbance says nothing.
bool is_ours(const fs::path& path, const std::string& text) {
  const auto sight = look(path);
  return !sight.ok() || (*sight && (*sight)->text == text);
}

}  // namespace

struct FileLock::State {
  fs::path path;
  std::string text;
  std::atomic<bool> lost = false;
  std::mutex mutex;
  std::condition_variable wake;
  bool ending = false;
  Thread heart;

  void beat(std::chrono::milliseconds interval) {
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, interval, [this] { return ending; })) {
      if (!is_ours(path, text)) {
        lost = true;
        return;
      }
      const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
      if (file < 0) continue;
      [[maybe_unused]] const ssize_t written = write(file, text.data(), text.size());
      close(file);
    }
  }

  void end() {
    {
      const std::lock_guard lock(mutex);
      ending = true;
    }
    wake.notify_all();
    heart.join();
    if (is_ours(path, text)) unlink(path.c_str());
  }
};

FileLock::FileLock(std::unique_ptr<State> state) : state_(std::move(state)) {}
FileLock::FileLock(FileLock&& other) noexcept = default;
FileLock::~FileLock() {
  if (state_) state_->end();
}

bool FileLock::is_lost() const { return state_->lost; }

Result<void> FileLock::confirm() const {
  if (!state_->lost && is_ours(state_->path, state_->text)) return {};
  return Error{ErrorCode::kIo,
               fmt::format("{}: another process has taken it over: try again", state_->path.string())};
}

Result<FileLock> FileLock::acquire(const fs::path& path, const std::function<bool(const std::string&)>& wait,
                                   LockTimes times) {
  auto state = std::make_unique<State>();
  state->path = path;
  state->text =
      nlohmann::ordered_json{
          {"pid", getpid()}, {"host", host_name()}, {"space", process_space()}, {"token", random_token()}}
          .dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  std::optional<Sight> seen;
  Clock::time_point since;
  while (true) {
    HEARTH_ASSIGN(const bool created, create(path, state->text));
    if (created) break;
    HEARTH_ASSIGN(const auto sight, look(path));
    if (!sight) continue;  // it was just given back
    const bool first = !seen || seen->text != sight->text;
    if (!seen || !(*seen == *sight)) since = Clock::now();
    HEARTH_ASSIGN(const bool abandoned, is_abandoned(path, *sight, first, times));
    if (abandoned || Clock::now() - since > times.lease) {
      HEARTH_TRY(take_away(path, *sight, times));
      continue;
    }
    seen = sight;
    if (!wait(name_of(parse_holder(sight->text)))) {
      return Error{ErrorCode::kAborted, fmt::format("{}: given up while waiting for it", path.string())};
    }
    std::this_thread::sleep_for(kRetry);
  }
  FileLock held(std::move(state));
  HEARTH_ASSIGN(held.state_->heart,
                Thread::start([state = held.state_.get(), times] { state->beat(times.beat); }));
  return held;
}

}  // namespace hearth::store
