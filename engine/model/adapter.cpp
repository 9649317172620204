#include "engine/model/adapter.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth {
namespace {

constexpr std::string_view kDown = ".lora_a";
constexpr std::string_view kUp = ".lora_b";
constexpr std::string_view kEmbedding = "token_embd.weight";
constexpr std::string_view kInvocation = "adapter.alora.invocation_tokens";

}  // namespace

/// Binds a file's tensors to the matrices that they are named after.
class AdapterReader {
 public:
  AdapterReader(const Gguf& file, Adapter& adapter) : file_(file), adapter_(adapter) {}

  Result<void> check_kind(std::string_view architecture) const;
  Result<void> read_invocation();
  Result<void> read(const std::map<std::string, NamedMatrix>& matrices);

 private:
  Result<void> check_text(std::string_view key, std::string_view expected) const;
  Result<const GgufTensor*> find(const std::string& name) const;
  Result<void> check_shape(const GgufTensor& tensor, std::vector<int64_t> expected) const;
  Result<void> add(const std::string& name, const NamedMatrix& matrix, float alpha);
  Result<Weight> place(const GgufTensor& tensor);
  Error fault(ErrorCode code, std::string_view tensor, std::string_view reason) const;

  const Gguf& file_;
  Adapter& adapter_;
};

Error AdapterReader::fault(ErrorCode code, std::string_view tensor, std::string_view reason) const {
  return {code, fmt::format("{}: tensor '{}' {}", file_.source().name(), tensor, reason)};
}

Result<void> AdapterReader::check_text(std::string_view key, std::string_view expected) const {
  HEARTH_ASSIGN(const auto found, file_.string(key));
  if (found == expected) return {};
  return Error{ErrorCode::kInvalidModel,
               fmt::format("{}: {} is {}; that of an adapter is '{}'", file_.source().name(), key,
                           found ? fmt::format("'{}'", *found) : "missing", expected)};
}

Result<void> AdapterReader::check_kind(std::string_view architecture) const {
  HEARTH_TRY(check_text("general.type", "adapter"));
  HEARTH_TRY(check_text("adapter.type", "lora"));
  HEARTH_ASSIGN(const std::string_view adapted, file_.require_string("general.architecture"));
  if (adapted != architecture) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{}: the adapter is for architecture '{}', and the model is of '{}'",
                             file_.source().name(), adapted, architecture)};
  }
  return {};
}

Result<void> AdapterReader::read_invocation() {
  HEARTH_ASSIGN(const auto tokens, file_.array(kInvocation));
  if (!tokens) return {};
  if (tokens->type == GgufType::kString || tokens->count == 0) {
    return Error{ErrorCode::kInvalidModel,
                 fmt::format("{}: {} is no list of tokens", file_.source().name(), kInvocation)};
  }
  adapter_.invocation_tokens_ = tokens->numbers<int32_t>();
  return {};
}

Result<const GgufTensor*> AdapterReader::find(const std::string& name) const {
  if (const GgufTensor* tensor = file_.find_tensor(name)) return tensor;
  return fault(ErrorCode::kInvalidModel, name, "is missing beside its other half");
}

/// Trailing dimensions of 1 do not count.
Result<void> AdapterReader::check_shape(const GgufTensor& tensor, std::vector<int64_t> expected) const {
  std::vector<uint64_t> found = tensor.shape;
  while (found.size() > expected.size() && found.back() == 1) found.pop_back();
  while (found.size() < expected.size()) found.push_back(1);
  const bool same = std::equal(found.begin(), found.end(), expected.begin(), expected.end(),
                               [](uint64_t a, int64_t b) { return a == static_cast<uint64_t>(b); });
  if (same) return {};
  return fault(ErrorCode::kInvalidArgument, tensor.name,
               fmt::format("has shape [{}]; this model calls for [{}]", fmt::join(tensor.shape, ", "),
                           fmt::join(expected, ", ")));
}

Result<Weight> AdapterReader::place(const GgufTensor& tensor) {
  std::vector<std::byte> bytes(tensor.bytes);
  HEARTH_TRY(file_.source().read(tensor.offset, bytes));
  HEARTH_ASSIGN(const Buffer buffer, adapter_.backend_->allocate(bytes.size()));
  adapter_.memory_.push_back(buffer);
  adapter_.backend_->write(bytes, buffer);
  return Weight{tensor.type, static_cast<int64_t>(tensor.rows()), static_cast<int64_t>(tensor.columns()),
                buffer};
}

Result<void> AdapterReader::add(const std::string& name, const NamedMatrix& matrix, float alpha) {
  const std::string down_name = name + std::string(kDown);
  HEARTH_ASSIGN(const GgufTensor* down, find(down_name));
  HEARTH_ASSIGN(const GgufTensor* up, find(name + std::string(kUp)));
  const bool of_embeddings = name == kEmbedding;
  const auto rank = static_cast<int64_t>(up->columns());
  std::vector<int64_t> down_shape = matrix.shape;
  std::vector<int64_t> up_shape = matrix.shape;
  down_shape[1] = rank;
  up_shape[0] = rank;
  // Of the embedding, whose matrix has a row per token, both halves lie with their ranks as columns.
  if (of_embeddings) {
    down_shape = {rank, matrix.shape[1]};
    up_shape = {rank, matrix.shape[0]};
  }
  HEARTH_TRY(check_shape(*down, down_shape));
  HEARTH_TRY(check_shape(*up, up_shape));
  LowRankPair pair{{}, {}, alpha == 0.0F ? 1.0F : alpha / static_cast<float>(rank), of_embeddings};
  HEARTH_ASSIGN(pair.down, place(*down));
  HEARTH_ASSIGN(pair.up, place(*up));
  adapter_.pairs_[matrix.matrix] = pair;
  return {};
}

Result<void> AdapterReader::read(const std::map<std::string, NamedMatrix>& matrices) {
  HEARTH_ASSIGN(const auto alpha, file_.number("adapter.lora.alpha"));
  for (const GgufTensor& tensor : file_.tensors()) {
    const bool is_down = tensor.name.ends_with(kDown);
    if (!is_down && !tensor.name.ends_with(kUp)) {
      return fault(ErrorCode::kUnsupportedModel, tensor.name,
                   "is no half of a low-rank pair (.lora_a, .lora_b)");
    }
    const std::string name(tensor.name.substr(0, tensor.name.size() - kDown.size()));
    const auto matrix = matrices.find(name);
    if (matrix == matrices.end()) {
      return fault(ErrorCode::kInvalidArgument, tensor.name,
                   fmt::format("adapts '{}', a matrix that this model has not", name));
    }
    if (is_down || file_.find_tensor(name + std::string(kDown)) == nullptr) {
      HEARTH_TRY(add(name, matrix->second, static_cast<float>(alpha.value_or(0.0))));
    }
  }
  if (!adapter_.pairs_.empty()) return {};
  return Error{ErrorCode::kInvalidModel,
               fmt::format("{}: the adapter has no tensors", file_.source().name())};
}

Result<std::shared_ptr<Adapter>> Adapter::load(const Gguf& file, std::string_view architecture,
                                               const std::map<std::string, NamedMatrix>& matrices,
                                               Backend& backend) {
  std::shared_ptr<Adapter> adapter(new Adapter(backend));
  AdapterReader reader(file, *adapter);
  HEARTH_TRY(reader.check_kind(architecture));
  HEARTH_TRY(reader.read_invocation());
  HEARTH_TRY(reader.read(matrices));
  return adapter;
}

Adapter::~Adapter() {
  for (const Buffer& buffer : memory_) backend_->release(buffer);
}

void Adapter::move_to_place_of(Adapter& copy) {
  std::swap(backend_, copy.backend_);
  std::swap(memory_, copy.memory_);
  std::swap(pairs_, copy.pairs_);
}

const LowRankPair* Adapter::find(const Weight& weight) const {
  const auto found = pairs_.find(weight.matrix);
  return found == pairs_.end() ? nullptr : &found->second;
}

}  // namespace hearth
