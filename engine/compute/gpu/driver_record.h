// What self-checks have found out about drivers: kernels that compute right with them, and extensions with
// which they compute wrongly. It is there for as long as the process lives, and on the disk where that is
// worth while. From any thread.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "engine/compute/gpu/runner.h"

namespace hearth::gpu {

class DriverRecord {
 public:
  /// That of the device's driver, which stays. nullptr for one without a name, which is trusted.
  static DriverRecord* of(const DeviceProperties& device);

  /// Whether a kernel was right before, and need not be checked again.
  bool was_right(const std::string& kernel) const;
  /// What a check has found. Of kernels that use an extension this is what is wrong.
  void note(const std::set<std::string>& right, const std::set<std::string>& wrong_extensions);

  /// The device without the extensions with which it computes wrongly.
  DeviceProperties trusted(DeviceProperties device) const;

 private:
  explicit DriverRecord(const DeviceProperties& device);

  std::string device_, driver_;
  bool is_kept_;
  mutable std::mutex mutex_;  // guards what follows
  std::set<std::string> right_, wrong_extensions_;
};

/// The extensions that a kernel uses, by its name (kernels/README.md).
std::set<std::string> extensions_of(std::string_view kernel);

}  // namespace hearth::gpu
