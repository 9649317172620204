// A loaded model: its file, tokenizer, chat format and weights, and the backend that computes with them.
//
// Tokenizer, chat format and information may be used from several threads at once; the backend belongs to the
// one Scheduler that runs the model.
#pragma once

#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/base/byte_source.h"
#include "engine/base/result.h"
#include "engine/compute/backend.h"
#include "engine/compute/gpu/runner.h"
#include "engine/format/model_file.h"
#include "engine/model/spec.h"
#include "engine/model/weights.h"
#include "engine/options/generation_options.h"
#include "engine/options/load_options.h"
#include "engine/runtime/chat_format.h"
#include "engine/runtime/model_info.h"
#include "engine/text/tokenizer.h"

namespace hearth {

enum class LoadStage {
  kParse,       // the header is read and checked
  kRead,        // tensors are found, and read where the source is not mapped; counts bytes
  kInitialize,  // tokenizer, chat template and backend
  kReady,
};

/// Called as loading goes on; returning false cancels it with ABORTED.
using LoadProgress = std::function<bool(LoadStage stage, uint64_t done, uint64_t total)>;

class Model {
 public:
  /// Of the options, those that say where weights lie and what computes with them. NOT_FOUND, IO,
  /// INVALID_MODEL, UNSUPPORTED_MODEL, OUT_OF_MEMORY, ABORTED; what choose_device fails with. `gpu` as there.
  static Result<std::unique_ptr<Model>> load(const std::filesystem::path& path, const LoadOptions& options,
                                             const LoadProgress& progress = nullptr,
                                             const gpu::MakeRunner& gpu = nullptr);
  /// One source per part, in order.
  static Result<std::unique_ptr<Model>> load(std::vector<std::shared_ptr<const ByteSource>> parts,
                                             const LoadOptions& options,
                                             const LoadProgress& progress = nullptr,
                                             const gpu::MakeRunner& gpu = nullptr);

  const ModelFile& file() const { return *file_; }
  /// With the device as it is now. What was said before a change of device stays where it is. From any
  /// thread.
  const ModelInfo& info() const;
  const ModelSpec& spec() const { return spec_; }
  const Network& network() const { return *bound_.network; }
  WeightStore& weights() const { return *bound_.weights; }
  /// By name: what adapters bind to.
  const std::map<std::string, NamedMatrix>& matrices() const { return bound_.matrices; }
  /// A number that tells models apart, also two of the same shape: a hash of their sizes, of weights that any
  /// training changes, and of the device, whose pages another could not read.
  uint64_t identity() const { return identity_; }
  const Tokenizer& tokenizer() const { return *tokenizer_; }
  Backend& backend() const { return *backend_; }

  /// Where weights are, now. From any thread.
  WeightStatistics weight_statistics() const;

  /// Has the weights be read again to a device that `options` choose, where the one there was is lost.
  /// `move` gets it when they are there, and moves what else lies on a device; where it fails, or anything
  /// before it, all is as it was. Network, weights, backend and what `info` says of the device are others
  /// afterwards. Not while anybody computes.
  Result<void> change_device(const LoadOptions& options, const gpu::MakeRunner& gpu,
                             const std::function<Result<void>(Backend& next)>& move);

  /// How conversations become prompts.
  const ChatFormat& chat() const { return *chat_; }

  /// The defaults, with what the file recommends for itself (general.sampling.*).
  GenerationOptions recommended_options() const;

 private:
  Model() = default;
  static Result<std::unique_ptr<Model>> load(ModelFile opened, const LoadOptions& options,
                                             const LoadProgress& progress, const gpu::MakeRunner& gpu);

  std::unique_ptr<ModelFile> file_;  // outlives what borrows from it below
  ModelSpec spec_;
  std::list<ModelInfo> infos_;  // the last one holds
  std::unique_ptr<const Tokenizer> tokenizer_;
  std::unique_ptr<ChatFormat> chat_;
  uint64_t identity_ = 0;
  std::unique_ptr<Backend> backend_;  // outlives what lies in its memory
  mutable std::mutex device_mutex_;  // guards bound_.weights and infos_ against a change while they are asked
  BoundNetwork bound_;
};

}  // namespace hearth
