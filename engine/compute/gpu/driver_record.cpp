#include "engine/compute/gpu/driver_record.h"

#include <map>
#include <mutex>
#include <set>

namespace hearth::gpu {
namespace {

struct Driver {
  bool wants_plain_kernels = false;
  std::set<std::string> right;
};

struct Record {
  std::mutex mutex;
  std::map<std::string, Driver, std::less<>> drivers;
};

Record& record() {
  static Record all;
  return all;
}

template <typename Use>
auto with(std::string_view driver, const Use& use) {
  const std::lock_guard lock(record().mutex);
  return use(record().drivers[std::string(driver)]);
}

}  // namespace

bool wants_plain_kernels(std::string_view driver) {
  return with(driver, [](const Driver& known) { return known.wants_plain_kernels; });
}

void use_plain_kernels(std::string_view driver) {
  with(driver, [](Driver& known) {
    known.wants_plain_kernels = true;
    known.right.clear();  // of the other kernels
  });
}

bool was_right(std::string_view driver, const std::string& operation) {
  return with(driver, [&](const Driver& known) { return known.right.contains(operation); });
}

void note_right(std::string_view driver, const std::string& operation) {
  with(driver, [&](Driver& known) { known.right.insert(operation); });
}

}  // namespace hearth::gpu
