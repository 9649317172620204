#include "engine/model/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "engine/compute/weights/block_read.h"
#include "engine/model/weight_binder.h"

namespace hearth {

TensorPlace find_embedding(const ModelFile& file) {
  const TensorPlace own = file.find_tensor("token_embd.weight");
  return own.tensor != nullptr ? own : file.find_tensor("output.weight");
}

namespace {

/// The vocabulary's size is the number of rows of the token embedding.
Result<int32_t> vocabulary_size(const ModelFile& file) {
  constexpr uint64_t kMaxVocabulary = uint64_t{1} << 24;
  const TensorPlace embedding = find_embedding(file);
  if (embedding.tensor == nullptr) {
    return Error{ErrorCode::kInvalidModel,
                 fmt::format("{}: tensor 'token_embd.weight' is missing; every model needs it",
                             file.metadata().source().name())};
  }
  const uint64_t rows = embedding.tensor->rows();
  if (rows > kMaxVocabulary) {
    return Error{ErrorCode::kInvalidModel,
                 fmt::format("{}: tensor '{}': {} tokens is above the limit of {}",
                             file.metadata().source().name(), embedding.tensor->name, rows, kMaxVocabulary)};
  }
  return static_cast<int32_t>(rows);
}

template <typename Holds>
bool all_sources(const ModelFile& file, const Holds& holds) {
  return std::all_of(file.parts().begin(), file.parts().end(),
                     [&holds](const auto& part) { return holds(part->source()); });
}

/// Adds up what the tensors of each layer take: in the file, and with a memory limit where they are read to.
class SizeVisitor final : public TensorVisitor {
 public:
  SizeVisitor(const ModelFile& file, WeightPlan& plan) : file_(file), plan_(plan) {}

 protected:
  bool in_file(const std::string& name) const override { return file_.find_tensor(name).tensor != nullptr; }
  bool in_file_so(const std::string& name, const std::vector<int64_t>& shape) const override {
    return has_in_shape(file_, name, shape);
  }
  void visit_matrix(const std::string& name, const std::vector<int64_t>& /*shape*/,
                    Weight& /*weight*/) override {
    const TensorPlace place = file_.find_tensor(name);
    if (place.tensor == nullptr) return;  // whoever binds it says so
    if (std::ranges::count(plan_.types, place.tensor->type) == 0) plan_.types.push_back(place.tensor->type);
    if (layer() == WeightStore::kNoLayer) {
      plan_.always_bytes += place.tensor->bytes;
    } else {
      plan_.layer_bytes[static_cast<size_t>(layer())] += bytes_of(place);
      plan_.tensor_bytes[static_cast<size_t>(layer())].push_back(place.tensor->bytes);
    }
  }
  void visit_experts(const std::string& name, const std::vector<int64_t>& shape,
                     ExpertMatrices& matrices) override {
    visit_matrix(name, shape, matrices.all);
    const TensorPlace place = file_.find_tensor(name);
    if (place.tensor == nullptr) return;
    plan_.experts.resize(plan_.layer_bytes.size());
    WeightPlan::Experts& experts = plan_.experts[static_cast<size_t>(layer())];
    experts.all += bytes_of(place);
    experts.one += place.tensor->bytes / static_cast<uint64_t>(shape.back());
  }
  void visit_embedding(const std::string& name, const std::vector<int64_t>& shape, Weight& weight) override {
    visit_matrix(name, shape, weight);
    const TensorPlace place = file_.find_tensor(name);
    if (place.tensor != nullptr) plan_.looked_up_bytes += place.tensor->bytes;
  }
  void visit_looked_up(const std::string& /*name*/, const std::vector<int64_t>& /*shape*/,
                       StoredMatrix& /*matrix*/) override {}
  void visit_unread(const std::string& /*name*/, const std::vector<int64_t>& /*shape*/) override {}
  void visit_vector(const std::string& /*name*/, const std::vector<int64_t>& /*shape*/,
                    Vector& /*vector*/) override {}
  void visit_floats(const std::string& /*name*/, const std::vector<int64_t>& /*shape*/,
                    std::vector<float>& /*floats*/) override {}

 private:
  uint64_t bytes_of(const TensorPlace& place) const {
    return place.tensor->bytes + (plan_.memory_limit > 0 ? block_padding(place.part->source()) : 0);
  }

  const ModelFile& file_;
  WeightPlan& plan_;
};

/// Adds up what is left where it is.
class LeftVisitor final : public TensorVisitor {
 public:
  explicit LeftVisitor(const ModelFile& file) : file_(file) {}

  uint64_t bytes() const { return bytes_; }

 protected:
  bool in_file(const std::string& name) const override { return file_.find_tensor(name).tensor != nullptr; }
  bool in_file_so(const std::string& name, const std::vector<int64_t>& shape) const override {
    return has_in_shape(file_, name, shape);
  }
  void visit_matrix(const std::string& /*name*/, const std::vector<int64_t>& /*shape*/,
                    Weight& /*weight*/) override {}
  void visit_looked_up(const std::string& name, const std::vector<int64_t>& /*shape*/,
                       StoredMatrix& /*matrix*/) override {
    add(name);
  }
  void visit_unread(const std::string& name, const std::vector<int64_t>& /*shape*/) override { add(name); }
  void visit_vector(const std::string& /*name*/, const std::vector<int64_t>& /*shape*/,
                    Vector& /*vector*/) override {}
  void visit_floats(const std::string& /*name*/, const std::vector<int64_t>& /*shape*/,
                    std::vector<float>& /*floats*/) override {}

 private:
  void add(const std::string& name) {
    if (const GgufTensor* const tensor = file_.find_tensor(name).tensor) bytes_ += tensor->bytes;
  }

  const ModelFile& file_;
  uint64_t bytes_ = 0;
};

WeightPlan plan_of(const ModelFile& file, const ModelSpec& spec, Network& network, uint64_t memory_limit) {
  WeightPlan plan;
  plan.name = file.metadata().source().name();
  plan.memory_limit = memory_limit;
  plan.layer_bytes.resize(spec.layers.size());
  plan.tensor_bytes.resize(spec.layers.size());
  plan.mapped = all_sources(file, [](const ByteSource& source) { return !source.mapped().empty(); });
  plan.in_file = all_sources(file, [](const ByteSource& source) { return source.in_file(); });
  plan.reads_ahead = all_sources(file, [](const ByteSource& source) { return source.reads_ahead(); });
  SizeVisitor sizes(file, plan);
  network.tensors(sizes);
  return plan;
}

/// Sets the vocabulary's size. A file cannot describe more layers than it has tensors: no memory is taken on
/// the word of its metadata alone.
Result<void> complete_spec(const ModelFile& file, ModelSpec& spec) {
  HEARTH_ASSIGN(spec.embedding.n_vocab, vocabulary_size(file));
  if (spec.layers.size() <= file.tensor_count()) return {};
  return Error{ErrorCode::kInvalidModel,
               fmt::format("{}: key '{}.block_count': {} is above the number of the file's tensors, {}",
                           file.metadata().source().name(), spec.architecture, spec.layers.size(),
                           file.tensor_count())};
}

}  // namespace

Result<NetworkPlan> plan_network(const ModelFile& file, ModelSpec& spec, uint64_t memory_limit) {
  HEARTH_TRY(complete_spec(file, spec));
  NetworkPlan planned;
  planned.network = make_network(spec);
  planned.weights = plan_of(file, spec, *planned.network, memory_limit);
  return planned;
}

uint64_t bytes_left_in_file(const ModelFile& file, const ModelSpec& spec) {
  LeftVisitor left(file);
  make_network(spec)->tensors(left);
  return left.bytes();
}

Result<BoundNetwork> bind_network(const ModelFile& file, ModelSpec& spec, Backend& backend,
                                  const BindProgress& progress, uint64_t memory_limit, uint64_t layer_room) {
  HEARTH_ASSIGN(NetworkPlan planned, plan_network(file, spec, memory_limit));
  planned.weights.layer_room = layer_room;
  BoundNetwork bound;
  bound.network = std::move(planned.network);
  HEARTH_ASSIGN(bound.weights, backend.make_weight_store(planned.weights));
  WeightBinder binder(file, spec.architecture, progress, *bound.weights);
  bound.network->tensors(binder);
  HEARTH_TRY(binder.finish());
  bound.matrices = binder.matrices();
  return bound;
}

}  // namespace hearth
