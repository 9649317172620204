// What is told of a pull while it goes on, and whether it shall.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "apps/store/model_store.h"

namespace hearth::store {

class PullReport {
 public:
  /// Borrows `callback`. `whole`: bytes of all the model's files; 0 where that is not known.
  explicit PullReport(const PullCallback& callback, uint64_t whole = 0)
      : callback_(callback), whole_(whole) {}

  /// From now on it is about another file, `before` bytes of the model lying in front of it.
  void begin_file(std::string name, uint64_t before) {
    file_ = std::move(name);
    before_ = before;
  }

  /// False where the caller cancels.
  bool say(std::string_view stage, uint64_t loaded, uint64_t total, const std::string& message = "") const {
    if (!callback_) return true;
    if (whole_ > 0) return callback_({stage, before_ + loaded, whole_, file_, message});
    return callback_({stage, loaded, total, file_, message});
  }

 private:
  const PullCallback& callback_;
  uint64_t whole_;
  std::string file_;
  uint64_t before_ = 0;
};

}  // namespace hearth::store
