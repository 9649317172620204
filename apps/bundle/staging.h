// A folder that is written under another name, so that its own name only ever stands for the whole of it.
#pragma once

#include <filesystem>

#include "engine/base/result.h"

namespace hearth::bundle {

/// Goes with all that is in it unless it is committed.
class Staging {
 public:
  /// Makes a folder beside `target`. INVALID_ARGUMENT where `target` is a file, or a folder that is not
  /// empty: with `replaces` only one that is no bundle.
  static Result<Staging> create(const std::filesystem::path& target, bool replaces);
  Staging(Staging&& other) noexcept;
  Staging& operator=(Staging&&) = delete;
  ~Staging();

  const std::filesystem::path& path() const { return path_; }
  /// Gives it its name. What had it stays until then, and goes.
  Result<void> commit();

 private:
  Staging(std::filesystem::path target, std::filesystem::path path);

  std::filesystem::path target_;
  std::filesystem::path path_;  // empty once it is committed
};

}  // namespace hearth::bundle
