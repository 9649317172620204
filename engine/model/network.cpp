#include "engine/model/network.h"

#include "engine/model/spec.h"

namespace hearth {

Network::Network(const ModelSpec& spec)
    : n_embd_(spec.n_embd()),
      n_vocab_(spec.n_vocab()),
      embedding_(spec.embedding),
      classifier_(spec.classifier, n_embd_) {}

std::unique_ptr<Network> make_network(const ModelSpec& spec) { return spec.network(spec); }

}  // namespace hearth
