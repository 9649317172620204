// A network's weights, bound to a file's tensors: found and checked once, and put where the backend computes
// with them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/compute/backend.h"
#include "engine/format/model_file.h"
#include "engine/model/network.h"
#include "engine/model/spec.h"

namespace hearth {

/// A matrix as files name it.
struct NamedMatrix {
  int32_t matrix;  // as Weight::matrix
  std::vector<int64_t> shape;
};

/// A network that can compute.
struct BoundNetwork {
  std::unique_ptr<Network> network;
  std::unique_ptr<WeightStore> weights;
  std::map<std::string, NamedMatrix> matrices;
};

/// The matrix that tokens are looked up in; that of the output where a file has no other. None: no tensor.
TensorPlace find_embedding(const ModelFile& file);

/// Bytes of the file's tensors that are never in memory: of tables whose rows are looked up, and of what
/// nothing reads.
uint64_t bytes_left_in_file(const ModelFile& file, const ModelSpec& spec);

/// A network with no weights yet, and what these will take.
struct NetworkPlan {
  std::unique_ptr<Network> network;
  WeightPlan weights;
};

/// Sets spec.embedding.n_vocab, which the token embedding decides. INVALID_MODEL.
Result<NetworkPlan> plan_network(const ModelFile& file, ModelSpec& spec, uint64_t memory_limit = 0);

/// Called with bytes done and to do; returning false cancels.
using BindProgress = std::function<bool(uint64_t done, uint64_t total)>;

/// Finds every tensor that the model of `spec` needs in `file` and checks its shape; every tensor of the file
/// must have a use. INVALID_MODEL naming the tensor, its shape and the one expected; UNSUPPORTED_MODEL naming
/// a tensor without a use; ABORTED; what the backend's store fails with. `file` and `backend` must outlive
/// what is returned. Sets spec.embedding.n_vocab, as plan_network.
///
/// With a `memory_limit`, at most so many bytes of weights are in memory (norms and biases, a few KiB a
/// layer, do not count): layers come and go while they are used. With a `layer_room` those of layers take no
/// more of a device's memory, where they come and go likewise.
Result<BoundNetwork> bind_network(const ModelFile& file, ModelSpec& spec, Backend& backend,
                                  const BindProgress& progress = nullptr, uint64_t memory_limit = 0,
                                  uint64_t layer_room = 0);

}  // namespace hearth
