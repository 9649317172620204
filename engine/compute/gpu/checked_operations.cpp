#include "engine/compute/gpu/checked_operations.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "engine/compute/gpu/weight_kernels.h"

namespace hearth::gpu {
namespace {

/// Whole blocks of every type, and more than a group's threads.
constexpr int64_t kColumns = 512;
/// More than kernels for few rows take, and more than one piece of a convolution.
constexpr int64_t kManyRows = 40;

/// A kernel's name: its file's, and the values of its options.
struct KernelName {
  std::string_view file, options;

  explicit KernelName(std::string_view name)
      : file(name.substr(0, name.find('/'))), options(name.substr(std::min(file.size() + 1, name.size()))) {}

  std::string_view value(std::string_view option) const {
    for (std::string_view left = options; !left.empty();) {
      const std::string_view next = left.substr(0, left.find(','));
      left.remove_prefix(std::min(next.size() + 1, left.size()));
      const size_t equals = next.find('=');
      if (next.substr(0, equals) == option) return next.substr(equals + 1);
    }
    return {};
  }
  int64_t number(std::string_view option) const {
    const std::string_view text = value(option);
    int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
  }
  /// F32 where it names none.
  BlockType type(std::string_view option) const {
    for (const BlockLayout& layout : all_block_layouts()) {
      if (type_option(layout.type) == value(option)) return layout.type;
    }
    return BlockType::kF32;
  }
};

constexpr Activation kActivations[] = {Activation::kSilu,     Activation::kGeluTanh,    Activation::kRelu,
                                       Activation::kSoftplus, Activation::kReluSquared, Activation::kSigmoid,
                                       Activation::kIdentity, Activation::kClampedSwish};

void check_product(CheckInputs& in, const KernelName& kernel) {
  constexpr int64_t kOutputs = 24;
  const BlockType type = kernel.type("type");
  const int64_t few = kernel.number("rows");
  const int64_t rows = few == 0 ? kManyRows : std::min<int64_t>(few, 3);
  const Tensor x = in.tensor(rows, kColumns);
  const Projection projection{in.weight(type, kOutputs, kColumns), {}, in.tensor(rows, kOutputs)};
  in.device.linear(x, {&projection, 1});
  in.gives(projection.out);
  const Tensor gated = in.tensor(rows, kOutputs);
  in.device.gated_linear(x, in.weight(type, kOutputs, kColumns), in.weight(type, kOutputs, kColumns),
                         Activation::kSilu, gated);
  in.gives(gated);
}

/// In tiles where each expert has many rows.
void check_experts(CheckInputs& in, BlockType type, bool in_tiles) {
  constexpr int64_t kWidth = 256;
  const ExpertParameters parameters{.count = 2, .used = 1, .n_ff = kWidth};
  const auto matrices = [&] {
    return ExpertMatrices{.all = in.weight(type, parameters.count * kWidth, kWidth), .stride = kWidth};
  };
  ExpertWeights weights;
  weights.gate = matrices();
  weights.up = matrices();
  weights.down = matrices();
  const int64_t rows = in_tiles ? 2 * kManyRows : 3;
  // Twice, as memory may still hold how other rows were chosen for.
  for (int i = 0; i < 2; ++i) {
    const Tensor out = in.tensor(rows, kWidth);
    in.device.experts(parameters, weights, in.tensor(rows, parameters.count), in.tensor(rows, kWidth), out);
    in.gives(out);
  }
}

/// Positions of one sequence, and its pages in another order than they lie.
struct OneSequence {
  explicit OneSequence(int32_t length) : sequences(static_cast<size_t>(length)) {
    for (int32_t i = 0; i < length; ++i) positions.push_back(i);
    for (int32_t page = pages_for(length); page > 0; --page) pages.push_back(page);
    pages_of = {pages};
  }
  BatchRows last(int64_t count) const {
    const auto size = static_cast<size_t>(count);
    return {std::span(positions).last(size), std::span(sequences).last(size), pages_of, slots};
  }
  BatchRows all() const { return last(std::ssize(positions)); }
  int32_t page_count() const { return static_cast<int32_t>(pages.size()) + 1; }

  std::vector<int32_t> positions, sequences, pages;
  std::array<int32_t, 1> slots{0};
  std::array<std::span<const int32_t>, 1> pages_of;
};

/// One query a key or two, of one row, which looks back so far that several groups share it; or many.
void check_attention(CheckInputs& in, BlockType type, int64_t queries) {
  constexpr int32_t kHead = 64;
  constexpr int32_t kKeyHeads = 2;
  const OneSequence sequence(queries > 4 ? 70 : 600);
  const int64_t rows = queries > 4 ? kManyRows : 1;
  const int32_t heads = queries == 1 ? kKeyHeads : 2 * kKeyHeads;
  KvPages kv{{type, kKeyHeads, kHead, kHead, sequence.page_count()}, {}};
  kv.memory = in.zeros(kv.layout.total_bytes());
  const std::vector<float> frequencies(kHead / 2, 0.25F);
  const Rope rope{RopePairs::kHalves, frequencies};
  const auto positions = std::ssize(sequence.positions);
  const Tensor k = in.tensor(positions, kKeyHeads * kHead);
  in.device.rope(rope, sequence.all().positions, kHead, k);
  in.device.append_kv(kv, sequence.all(), k, in.tensor(positions, kKeyHeads * kHead));
  // Twice, as memory may still hold what groups put there for others.
  for (int i = 0; i < 2; ++i) {
    const Tensor out = in.tensor(rows, heads * kHead);
    in.device.attend({.n_head = heads, .scale = 0.0625F}, kv, sequence.last(rows),
                     in.tensor(rows, heads * kHead), out);
    in.gives(out);
  }
}

void check_choice(CheckInputs& in, BlockType type) {
  constexpr int32_t kHead = 64;
  constexpr int64_t kHeads = 4;
  constexpr int32_t kChosen = 16;
  const OneSequence sequence(100);
  KvPages keys{{type, 1, kHead, 0, sequence.page_count(), true}, {}};
  keys.memory = in.zeros(keys.layout.total_bytes());
  const auto positions = std::ssize(sequence.positions);
  // Exact in the cache's type, too.
  in.device.append_kv(keys, sequence.all(),
                      type == BlockType::kQ8_0 ? in.tensor(positions, kHead) : in.eighths(positions, kHead),
                      {});
  const ChosenPositions chosen{in.tensor(kManyRows, kChosen)};
  in.device.choose_positions(keys, sequence.last(kManyRows), in.eighths(kManyRows, kHeads * kHead),
                             in.eighths(kManyRows, kHeads), chosen);
  in.gives(chosen.blocks);
}

/// Rows and a state for what goes along them.
struct Recurrence {
  Recurrence(CheckInputs& in, int64_t state_floats)
      : states{in.zeros(static_cast<uint64_t>(state_floats) * sizeof(float)),
               static_cast<uint64_t>(state_floats) * sizeof(float)},
        remembered{states.memory, 1, state_floats} {}

  OneSequence sequence{static_cast<int32_t>(kManyRows)};
  SlotStates states;
  Tensor remembered;
};

void check_convolution(CheckInputs& in) {
  constexpr int64_t kTaps = 4;
  const Convolution convolution{kTaps, in.vector(kColumns * kTaps), in.vector(kColumns)};
  const Recurrence along(in, (kTaps - 1) * kColumns);
  const Tensor y = in.tensor(kManyRows, kColumns);
  in.device.convolve(convolution, along.states, along.sequence.all(), in.tensor(kManyRows, kColumns), y);
  in.gives(y);
  in.gives(along.remembered);
}

void check_scan(CheckInputs& in) {
  constexpr int64_t kHeads = 4;
  constexpr int64_t kChannels = 64;
  constexpr int64_t kState = 16;
  const SelectiveScan scan{
      kState, kHeads, 2, {in.between(-1.0F, -0.1F, 1, kHeads).data, kHeads}, in.vector(kHeads)};
  const Recurrence along(in, kChannels * kState);
  const Tensor y = in.tensor(kManyRows, kChannels);
  in.device.scan(scan, along.states, along.sequence.all(),
                 {in.tensor(kManyRows, kChannels), in.between(0.1F, 1.0F, kManyRows, kHeads),
                  in.tensor(kManyRows, 2 * kState), in.tensor(kManyRows, 2 * kState)},
                 y);
  in.gives(y);
  in.gives(along.remembered);
}

constexpr int32_t kStateHeads = 2;
constexpr int64_t kStateHead = 64;
constexpr int64_t kStateColumns = kStateHeads * kStateHead;

void check_delta_rule(CheckInputs& in) {
  const DeltaRule rule{.n_head = kStateHeads,
                       .n_head_key = kStateHeads,
                       .key_dimension = kStateHead,
                       .value_dimension = kStateHead,
                       .epsilon = 1e-6F,
                       .decay_bias = in.vector(kStateHeads),
                       .decay_rate = {in.between(-1.0F, -0.1F, 1, kStateHeads).data, kStateHeads}};
  const Recurrence along(in, kStateColumns * kStateHead);
  const auto columns = [&] { return in.tensor(kManyRows, kStateColumns); };
  const Tensor out = columns();
  in.device.delta_rule(rule, along.states, along.sequence.all(),
                       {columns(), columns(), columns(), in.tensor(kManyRows, kStateHeads),
                        in.between(0.0F, 1.0F, kManyRows, kStateHeads)},
                       out);
  in.gives(out);
  in.gives(along.remembered);
}

GroupNorm group_norm(CheckInputs& in) { return {in.vector(kStateColumns), in.vector(kStateColumns), 1e-5F}; }

void check_wkv6(CheckInputs& in) {
  const Wkv6 rule{kStateHeads, kStateHeads, kStateHead, in.vector(kStateColumns), group_norm(in)};
  const Recurrence along(in, kStateColumns * kStateHead);
  const auto columns = [&] { return in.tensor(kManyRows, kStateColumns); };
  const Tensor out = columns();
  in.device.wkv6(rule, along.states, along.sequence.all(), {columns(), columns(), columns(), columns()}, out);
  in.gives(out);
  in.gives(along.remembered);
}

void check_wkv7(CheckInputs& in) {
  const auto of_columns = [&] { return in.vector(kStateColumns); };
  const Wkv7 rule{kStateHeads, kStateHead, of_columns(), of_columns(), of_columns(), group_norm(in)};
  const Recurrence along(in, kStateColumns * kStateHead);
  const auto columns = [&] { return in.tensor(kManyRows, kStateColumns); };
  const Tensor out = columns();
  in.device.wkv7(
      rule, along.states, along.sequence.all(),
      {columns(), columns(), columns(), columns(), in.between(0.0F, 1.0F, kManyRows, kStateColumns)}, out);
  in.gives(out);
  in.gives(along.remembered);
}

void check_embed(CheckInputs& in, BlockType type) {
  constexpr int32_t kTokens[] = {5, 0, 5};
  const Tensor out = in.tensor(3, kColumns);
  in.device.embed(in.weight(type, 6, kColumns), kTokens, 0.5F, out);
  in.gives(out);
}

/// A matrix that begins where kernels cannot take it is copied first.
void check_align(CheckInputs& in) {
  for (int i = 0; i < 2; ++i) {
    Weight weight = in.weight(BlockType::kQ8_0, 5, kColumns);
    weight.data = weight.data.at(1);
    weight.rows = 4;
    const Projection projection{weight, {}, in.tensor(1, weight.rows)};
    in.device.linear(in.tensor(1, kColumns), {&projection, 1});
    in.gives(projection.out);
  }
}

void check_norm(CheckInputs& in) {
  for (const NormKind kind : {NormKind::kRms, NormKind::kLayer}) {
    const Tensor out = in.tensor(3, kColumns);
    in.device.norm(kind, in.tensor(3, kColumns), in.vector(kColumns), in.vector(kColumns), 1e-5F, out);
    in.gives(out);
  }
}

void check_rope(CheckInputs& in) {
  constexpr int64_t kHead = 64;
  constexpr int32_t kPositions[] = {3, 70, 9000};
  std::vector<float> frequencies;
  for (int64_t pair = 0; pair < kHead / 2; ++pair) {
    frequencies.push_back(1.0F / static_cast<float>(1 + pair * pair));
  }
  for (const RopePairs pairs : {RopePairs::kAdjacent, RopePairs::kHalves}) {
    const Tensor x = in.tensor(3, 2 * kHead);
    in.device.rope({pairs, frequencies, 1.25F}, kPositions, kHead, x);
    in.gives(x);
  }
}

void check_activations(CheckInputs& in, bool gates) {
  for (const Activation& activation : kActivations) {
    const Tensor x = in.tensor(2, kColumns);
    if (gates) {
      in.device.gate(activation, x, in.tensor(2, kColumns), x);
    } else {
      in.device.activate(activation, x);
    }
    in.gives(x);
  }
}

void check_add(CheckInputs& in) {
  const Tensor x = in.tensor(3, kColumns);
  in.device.add(x, in.tensor(3, kColumns));
  in.device.add_scaled(x, in.tensor(3, kColumns), -0.75F);
  in.device.add_vector(x, in.vector(kColumns / 2));
  in.device.add_weighted(x, in.tensor(3, kColumns), in.tensor(3, 2), 1);
  in.gives(x);
}

void check_multiply(CheckInputs& in) {
  constexpr float kFactors[] = {0.5F, -3.0F, 1.25F};
  const Tensor x = in.tensor(3, kColumns);
  in.device.multiply(x, in.vector(kColumns / 2));
  in.device.scale(0.75F, x);
  in.device.scale_rows(x, kFactors);
  in.gives(x);
}

void check_blend(CheckInputs& in) {
  const Tensor out = in.tensor(3, kColumns);
  in.device.blend(in.tensor(3, kColumns), in.tensor(3, kColumns),
                  {in.vector(kColumns), in.tensor(3, kColumns)}, out);
  in.gives(out);
}

void check_bound(CheckInputs& in, bool softly) {
  const Tensor x = in.tensor(3, kColumns);
  if (softly) {
    in.device.soft_cap(1.5F, x);
  } else {
    in.device.clamp(0.75F, x);
  }
  in.gives(x);
}

void check_copy_heads(CheckInputs& in) {
  const Tensor to = in.tensor(3, kColumns);
  in.device.copy_heads({in.tensor(3, kColumns), 4, 8}, {to, 4, 16}, 96);
  in.gives(to);
}

void check_copy(CheckInputs& in) {
  const Tensor to = in.tensor(1, kColumns);
  in.device.copy(in.tensor(1, kColumns).data, to.data, to.bytes());
  in.gives(to);
}

/// Where something else was, if the device gives that memory.
void check_clear(CheckInputs& in) {
  const Tensor copy = in.tensor(1, kColumns);
  const auto dirty = in.device.allocate(copy.bytes());
  if (!dirty.ok()) return;
  in.device.copy(copy.data, *dirty, copy.bytes());
  in.device.release(*dirty);
  const auto cleared = in.device.allocate_zeroed(copy.bytes());
  if (!cleared.ok()) return;
  in.device.copy(*cleared, copy.data, copy.bytes());
  in.device.release(*cleared);
  in.gives(copy);
}

void check_gather(CheckInputs& in) {
  constexpr int32_t kRows[] = {2, 0, 2};
  const Tensor out = in.tensor(3, kColumns);
  in.device.gather_rows(in.tensor(3, kColumns), kRows, out);
  in.gives(out);
}

void check_keep_largest(CheckInputs& in) {
  const Tensor x = in.tensor(3, kColumns);
  in.device.keep_largest(0.5F, x);
  in.gives(x);
}

void check_match_lengths(CheckInputs& in) {
  const Tensor x = in.tensor(3, kColumns);
  in.device.match_lengths(x, in.between(0.0F, 1.0F, 3, kColumns));
  in.gives(x);
}

struct KernelCheck {
  std::string_view file;
  void (*compute)(CheckInputs& inputs, const KernelName& kernel);
};

constexpr KernelCheck kChecks[] = {
    {"activate", [](CheckInputs& in, const KernelName&) { check_activations(in, false); }},
    {"add", [](CheckInputs& in, const KernelName&) { check_add(in); }},
    {"align", [](CheckInputs& in, const KernelName&) { check_align(in); }},
    {"append_kv", [](CheckInputs& in, const KernelName& k) { check_attention(in, k.type("kv"), 1); }},
    {"attend",
     [](CheckInputs& in, const KernelName& k) { check_attention(in, k.type("kv"), k.number("queries")); }},
    {"attend_merge", [](CheckInputs& in, const KernelName&) { check_attention(in, BlockType::kF16, 1); }},
    {"blend", [](CheckInputs& in, const KernelName&) { check_blend(in); }},
    {"bound", [](CheckInputs& in, const KernelName& k) { check_bound(in, k.value("softly") == "yes"); }},
    {"choose_experts", [](CheckInputs& in, const KernelName&) { check_experts(in, BlockType::kF32, false); }},
    {"choose_positions", [](CheckInputs& in, const KernelName& k) { check_choice(in, k.type("kv")); }},
    {"choose_positions_best", [](CheckInputs& in, const KernelName&) { check_choice(in, BlockType::kF32); }},
    {"clear", [](CheckInputs& in, const KernelName&) { check_clear(in); }},
    {"convolve", [](CheckInputs& in, const KernelName&) { check_convolution(in); }},
    {"copy", [](CheckInputs& in, const KernelName&) { check_copy(in); }},
    {"copy_heads", [](CheckInputs& in, const KernelName&) { check_copy_heads(in); }},
    {"delta_rule", [](CheckInputs& in, const KernelName&) { check_delta_rule(in); }},
    {"embed", [](CheckInputs& in, const KernelName& k) { check_embed(in, k.type("type")); }},
    {"expert_matrix", [](CheckInputs& in, const KernelName& k) { check_experts(in, k.type("type"), true); }},
    {"expert_vector", [](CheckInputs& in, const KernelName& k) { check_experts(in, k.type("type"), false); }},
    {"finish_heads", [](CheckInputs& in, const KernelName&) { check_wkv7(in); }},
    {"gate", [](CheckInputs& in, const KernelName&) { check_activations(in, true); }},
    {"gather_rows", [](CheckInputs& in, const KernelName&) { check_gather(in); }},
    {"keep_largest", [](CheckInputs& in, const KernelName&) { check_keep_largest(in); }},
    {"match_lengths", [](CheckInputs& in, const KernelName&) { check_match_lengths(in); }},
    {"matrix_matrix", check_product},
    {"matrix_vector", check_product},
    {"mix_experts", [](CheckInputs& in, const KernelName&) { check_experts(in, BlockType::kF32, false); }},
    {"multiply", [](CheckInputs& in, const KernelName&) { check_multiply(in); }},
    {"norm", [](CheckInputs& in, const KernelName&) { check_norm(in); }},
    {"rope", [](CheckInputs& in, const KernelName&) { check_rope(in); }},
    {"scan", [](CheckInputs& in, const KernelName&) { check_scan(in); }},
    {"sort_experts", [](CheckInputs& in, const KernelName&) { check_experts(in, BlockType::kF32, true); }},
    {"wkv6", [](CheckInputs& in, const KernelName&) { check_wkv6(in); }},
    {"wkv7", [](CheckInputs& in, const KernelName&) { check_wkv7(in); }},
};

}  // namespace

CheckedOperation operation_of(std::string_view kernel) {
  const auto* const check = std::ranges::find(kChecks, KernelName(kernel).file, &KernelCheck::file);
  if (check == std::end(kChecks)) return {};
  // The kernel's name is the caller's.
  return [check, owned = std::string(kernel)](CheckInputs& inputs) {
    check->compute(inputs, KernelName(owned));
  };
}

}  // namespace hearth::gpu
