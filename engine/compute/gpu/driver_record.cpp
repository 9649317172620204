#include "engine/compute/gpu/driver_record.h"

#include <array>
#include <map>
#include <utility>
#include <vector>

#include "engine/compute/gpu/kept_record.h"

namespace hearth::gpu {
namespace {

constexpr std::string_view kRight = "right ";
constexpr std::string_view kWrong = "wrong ";

struct Extension {
  std::string_view option;
  bool DeviceProperties::*property;
};

constexpr std::array kExtensions{
    Extension{"half", &DeviceProperties::half},
    Extension{"packed_dot", &DeviceProperties::packed_dot},
    Extension{"subgroups", &DeviceProperties::subgroups},
};

}  // namespace

std::set<std::string> extensions_of(std::string_view kernel) {
  std::set<std::string> used;
  for (const Extension& extension : kExtensions) {
    const std::string option = std::string(extension.option) + "=yes";
    const size_t at = kernel.find(option);
    if (at == std::string_view::npos || at == 0) continue;
    if (kernel[at - 1] == '/' || kernel[at - 1] == ',') used.emplace(extension.option);
  }
  return used;
}

DriverRecord* DriverRecord::of(const DeviceProperties& device) {
  if (device.driver.empty()) return nullptr;
  static std::mutex mutex;
  static std::map<std::pair<std::string, std::string>, std::unique_ptr<DriverRecord>> all;
  const std::lock_guard lock(mutex);
  auto& record = all[{device.name, device.driver}];
  if (record == nullptr) record.reset(new DriverRecord(device));
  return record.get();
}

/// A driver that computes on the processor is there for tests: each process finds out by itself.
DriverRecord::DriverRecord(const DeviceProperties& device)
    : device_(device.name), driver_(device.driver), is_kept_(!device.is_software) {
  if (!is_kept_) return;
  for (const std::string& line : read_record(device_, driver_)) {
    if (line.starts_with(kRight)) right_.insert(line.substr(kRight.size()));
    if (line.starts_with(kWrong)) wrong_extensions_.insert(line.substr(kWrong.size()));
  }
}

bool DriverRecord::was_right(const std::string& kernel) const {
  const std::lock_guard lock(mutex_);
  return right_.contains(kernel);
}

void DriverRecord::note(const std::set<std::string>& right, const std::set<std::string>& wrong_extensions) {
  const std::lock_guard lock(mutex_);
  right_.insert(right.begin(), right.end());
  wrong_extensions_.insert(wrong_extensions.begin(), wrong_extensions.end());
  if (!is_kept_) return;
  std::vector<std::string> lines;
  for (const std::string& extension : wrong_extensions_) lines.push_back(std::string(kWrong) + extension);
  for (const std::string& kernel : right_) lines.push_back(std::string(kRight) + kernel);
  write_record(device_, driver_, lines);
}

DeviceProperties DriverRecord::trusted(DeviceProperties device) const {
  const std::lock_guard lock(mutex_);
  for (const Extension& extension : kExtensions) {
    if (wrong_extensions_.contains(std::string(extension.option))) device.*extension.property = false;
  }
  return device;
}

}  // namespace hearth::gpu
