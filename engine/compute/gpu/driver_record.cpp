#include "engine/compute/gpu/driver_record.h"

#include <functional>
#include <map>
#include <mutex>
#include <set>

namespace hearth::gpu {
namespace {

struct Record {
  std::mutex mutex;
  std::map<std::string, std::set<std::string>, std::less<>> right;  // of each driver
};

Record& record() {
  static Record all;
  return all;
}

}  // namespace

bool was_right(std::string_view driver, const std::string& operation) {
  const std::lock_guard lock(record().mutex);
  const auto known = record().right.find(driver);
  return known != record().right.end() && known->second.contains(operation);
}

void note_right(std::string_view driver, const std::string& operation) {
  const std::lock_guard lock(record().mutex);
  record().right[std::string(driver)].insert(operation);
}

}  // namespace hearth::gpu
