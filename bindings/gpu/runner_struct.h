// The engine's own kind of runner as the struct of hearth_gpu.h: the opposite of engine/brought_gpu.h.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "engine/base/result.h"
#include "engine/compute/gpu/runner.h"
#include "engine/hearth_gpu.h"

namespace hearth {

/// The public number of a code.
hearth_status number_of(ErrorCode code);

class RunnerStruct {
 public:
  explicit RunnerStruct(std::unique_ptr<gpu::Runner> runner);
  RunnerStruct(const RunnerStruct&) = delete;
  RunnerStruct& operator=(const RunnerStruct&) = delete;

  /// Its `user` is this, which it must not outlive.
  const hearth_gpu_runner& functions() const { return functions_; }

 private:
  static RunnerStruct& of(void* user) { return *static_cast<RunnerStruct*>(user); }
  static hearth_gpu_runner table();

  hearth_status fail(Error error);
  void submit(const hearth_gpu_list& list);
  hearth_gpu_kernel_time time_of(uint32_t kernel) const;

  std::unique_ptr<gpu::Runner> runner_;
  hearth_gpu_properties properties_;
  hearth_gpu_runner functions_;
  std::string message_;
  std::map<uint32_t, std::string> kernels_;  // the names, by number
  gpu::CommandList list_;                    // the one being submitted
};

}  // namespace hearth
