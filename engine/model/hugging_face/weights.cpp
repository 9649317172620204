#include "engine/model/hugging_face/weights.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "engine/format/quoted.h"
#include "engine/model/convert/type_mix.h"
#include "engine/model/hugging_face/arranged_tensor.h"

namespace hearth {
namespace {

namespace fs = std::filesystem;

// How many heads of this weight have paired rows.
uint32_t paired_heads(std::string_view name, const WeightRules& rules) {
  if (name.find("attn_q.") != std::string_view::npos) return rules.paired_query_heads;
  if (name.find("attn_k.") != std::string_view::npos) return rules.paired_key_heads;
  return 0;
}

Arrangement arrangement_of(std::string_view name, const SafeTensor& tensor, const WeightRules& rules) {
  Arrangement arrangement;
  arrangement.paired_heads = paired_heads(name, rules);
  if (name == "position_embd.weight") arrangement.first_row = rules.unused_positions;
  if (rules.norms_less_one && name.ends_with("norm.weight")) arrangement.added = 1.0F;
  arrangement.as_f32 = role_of(name, tensor.shape.size(), rules.tied) == TensorRole::kVector;
  return arrangement;
}

Error of_tensor(const SafeTensors& file, std::string_view theirs, const std::string& what,
                ErrorCode code = ErrorCode::kInvalidModel) {
  return {code, fmt::format("{}: tensor {}: {}", file.source().name(), quoted(theirs), what)};
}

Result<void> check_shape(const SafeTensors& file, std::string_view theirs, const SafeTensor& tensor,
                         const Arrangement& arrangement) {
  const bool has_numbers = !tensor.shape.empty() && tensor.bytes > 0 && tensor.shape.size() <= 2;
  const bool is_float =
      tensor.type == BlockType::kF32 || tensor.type == BlockType::kF16 || tensor.type == BlockType::kBF16;
  const uint64_t heads = arrangement.paired_heads;
  const bool divides = heads == 0 || (has_numbers && tensor.shape.front() % (2 * heads) == 0);
  if (has_numbers && is_float && divides && tensor.shape.front() > arrangement.first_row) return {};
  return of_tensor(file, theirs,
                   fmt::format("is {} of the shape [{}], which no weight of that name is",
                               block_layout(tensor.type).name, fmt::join(tensor.shape, ", ")));
}

// Adds tensors as they come, experts once all are there.
class WeightAdder {
 public:
  WeightAdder(const WeightRules& rules, GgufWriter& writer) : rules_(rules), writer_(writer) {}

  Result<void> add(const std::shared_ptr<const SafeTensors>& file, std::string_view theirs,
                   const SafeTensor& tensor) {
    const auto ours = gguf_name(theirs, *rules_.names);
    if (!ours) {
      return of_tensor(*file, theirs, "is none that the model's family has", ErrorCode::kUnsupportedModel);
    }
    if (ours->name.empty() || (rules_.tied && ours->name == "output.weight")) return {};
    const Arrangement arrangement = arrangement_of(ours->name, tensor, rules_);
    HEARTH_TRY(check_shape(*file, theirs, tensor, arrangement));
    ArrangedTensor arranged(file, tensor, arrangement);
    if (ours->expert) {
      experts_[ours->name].emplace(*ours->expert, std::move(arranged));
      return {};
    }
    writer_.add_tensor(
        ours->name, arranged.type(), arranged.shape(),
        [arranged](uint64_t offset, std::span<std::byte> into) { return arranged.fill(offset, into); });
    return {};
  }

  Result<void> add_experts() {
    for (const auto& [name, by_number] : experts_) {
      const ArrangedTensor& first = by_number.begin()->second;
      bool are_alike = first.shape().size() == 2;
      std::vector<ArrangedTensor> experts;
      for (const auto& [number, expert] : by_number) {
        are_alike = are_alike && number < rules_.experts && expert.type() == first.type() &&
                    expert.shape() == first.shape();
        experts.push_back(expert);
      }
      if (!are_alike || experts.size() != rules_.experts) {
        return Error{ErrorCode::kInvalidModel,
                     fmt::format("what becomes '{}' are {} matrices; config.json calls for {} experts, all "
                                 "of one type and shape",
                                 name, experts.size(), rules_.experts)};
      }
      add_stack(name, std::move(experts));
    }
    return {};
  }

 private:
  void add_stack(const std::string& name, std::vector<ArrangedTensor> experts) {
    std::vector<uint64_t> shape = experts.front().shape();
    shape.push_back(experts.size());
    const BlockType type = experts.front().type();
    writer_.add_tensor(
        name, type, std::move(shape),
        [stack = std::move(experts)](uint64_t offset, std::span<std::byte> into) -> Result<void> {
          const uint64_t each = stack.front().bytes();
          while (!into.empty()) {
            const auto piece = into.first(std::min<uint64_t>(into.size(), each - offset % each));
            HEARTH_TRY(stack[offset / each].fill(offset % each, piece));
            offset += piece.size();
            into = into.subspan(piece.size());
          }
          return {};
        });
  }

  const WeightRules& rules_;
  GgufWriter& writer_;
  std::map<std::string, std::map<uint32_t, ArrangedTensor>> experts_;  // by name and number
};

}  // namespace

Result<WeightFiles> open_weights(const fs::path& folder) {
  std::set<std::string> names = {"model.safetensors"};
  const fs::path index_path = folder / "model.safetensors.index.json";
  std::error_code ignored;
  if (!fs::exists(folder / "model.safetensors", ignored) && fs::exists(index_path, ignored)) {
    HEARTH_ASSIGN(const JsonFile index, JsonFile::read(index_path));
    const nlohmann::json* map = index.find("weight_map");
    if (map == nullptr || !map->is_object()) return index.fault("key 'weight_map' is no object");
    names.clear();
    for (const auto& [weight, file] : map->items()) {
      const std::string name = file.is_string() ? file.get<std::string>() : "";
      if (name.empty() || fs::path(name).filename() != name) {
        return index.fault(
            fmt::format("the file of {} is no name of one beside it", quoted(std::string_view(weight))));
      }
      names.insert(name);
    }
  }
  WeightFiles files;
  for (const std::string& name : names) {
    HEARTH_ASSIGN(auto source, map_file(folder / name));
    HEARTH_ASSIGN(auto file, SafeTensors::parse(std::move(source)));
    files.push_back(std::make_shared<const SafeTensors>(std::move(file)));
  }
  return files;
}

Result<void> add_weights(const WeightFiles& files, const WeightRules& rules, GgufWriter& writer) {
  WeightAdder adder(rules, writer);
  for (const auto& file : files) {
    for (const auto& [theirs, tensor] : file->tensors()) HEARTH_TRY(adder.add(file, theirs, tensor));
  }
  return adder.add_experts();
}

}  // namespace hearth
