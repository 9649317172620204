#include "engine/compute/gpu/recorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace hearth::gpu {
namespace {

/// What has_...() tells of an operand that is nowhere.
constexpr uint32_t kNowhere = 0xFFFFFFFF;

/// The number of a byte, or of the word that begins with it, must fit 32 bits.
constexpr uint64_t kLargestWindow = 0xFFFFFFF0;

template <typename T>
std::vector<uint32_t> words_of(std::span<const T> values) {
  static_assert(sizeof(T) == sizeof(uint32_t));
  std::vector<uint32_t> words(values.size());
  std::ranges::transform(values, words.begin(), [](T value) { return std::bit_cast<uint32_t>(value); });
  return words;
}

}  // namespace

void Recorder::fail(Error error) {
  if (outcome_.ok()) outcome_ = std::move(error);
}

Result<KernelId> Recorder::kernel(std::string_view name) {
  const auto found = kernels_.find(name);
  if (found != kernels_.end()) return found->second;
  HEARTH_ASSIGN(const KernelId id, runner_.kernel(name));
  return kernels_.emplace(name, id).first->second;
}

void Recorder::call(const Call& call) {
  if (!outcome_.ok() || std::ranges::count(call.groups, uint64_t{0}) > 0) return;
  Command command;
  const Result<KernelId> id = kernel(call.kernel);
  if (!id.ok()) return fail(id.error());
  command.kernel = *id;
  for (size_t i = 0; i < call.groups.size(); ++i) {
    if (call.groups[i] > device().groups) {
      return fail(
          {ErrorCode::kUnsupported, fmt::format("{}: {} groups are more than the GPU's limit of {}; use "
                                                "a smaller batch",
                                                call.kernel, call.groups[i], device().groups)});
    }
    command.groups[i] = static_cast<uint32_t>(call.groups[i]);
  }
  std::vector<uint32_t> parameters;
  for (const Parameter& parameter : call.parameters) parameters.push_back(parameter.word);
  if (const auto bound = bind(call, command, parameters); !bound.ok()) return fail(bound.error());
  parameters.resize(CommandList::kParameterBytes / sizeof(uint32_t));
  list_.parameters.insert(list_.parameters.end(), parameters.begin(), parameters.end());
  list_.commands.push_back(command);
  ++calls_;
}

// Operands of one block share a window: WebGPU lets no two of them overlap where one is written.
Result<void> Recorder::bind(const Call& call, Command& command, std::vector<uint32_t>& begins) {
  const DeviceProperties& device = runner_.device();
  const uint64_t largest = std::min(device.binding_bytes, kLargestWindow);
  std::map<BlockId, Window> windows;
  for (const Operand& operand : call.operands) {
    if (!operand.buffer) continue;
    const auto [block, begin, block_bytes] = place_of(operand.buffer);
    const uint64_t end = std::min((begin + operand.bytes + 3) / 4 * 4, block_bytes);
    const bool whole = block_bytes <= largest;
    Window& window = windows.try_emplace(block, Window{block, begin, end, whole}).first->second;
    if (whole) {
      window = {block, 0, block_bytes, true};
      continue;
    }
    window.begin = std::min(window.begin, begin) / device.binding_alignment * device.binding_alignment;
    window.end = std::max(window.end, end);
    if (window.end - window.begin > largest) {
      return Error{ErrorCode::kUnsupported,
                   fmt::format("{}: {} bytes of one block are more than the GPU binds at once ({})",
                               call.kernel, window.end - window.begin, largest)};
    }
  }
  command.first_binding = static_cast<uint32_t>(list_.bindings.size());
  command.binding_count = static_cast<uint32_t>(call.operands.size());
  for (const Operand& operand : call.operands) {
    if (!operand.buffer) {
      list_.bindings.push_back({});
      begins.push_back(kNowhere);
      continue;
    }
    const Place place = place_of(operand.buffer);
    const Window& window = windows.at(place.block);
    list_.bindings.push_back({window.block, window.begin, window.end - window.begin});
    const uint64_t begin = place.offset - window.begin;
    begins.push_back(static_cast<uint32_t>(operand.in_bytes ? begin : begin / sizeof(uint32_t)));
  }
  return {};
}

uint32_t Recorder::data(std::span<const uint32_t> words) {
  std::vector<uint32_t> key(words.begin(), words.end());
  const auto found = placed_.find(key);
  if (found != placed_.end()) return found->second;
  const auto first = static_cast<uint32_t>(list_.data.size());
  list_.data.insert(list_.data.end(), words.begin(), words.end());
  return placed_.emplace(std::move(key), first).first->second;
}

uint32_t Recorder::data(std::span<const int32_t> numbers) {
  return data(std::span<const uint32_t>(words_of(numbers)));
}

uint32_t Recorder::data(std::span<const float> numbers) {
  return data(std::span<const uint32_t>(words_of(numbers)));
}

std::array<uint64_t, 3> Recorder::groups_for(uint64_t count, uint64_t each) const {
  const uint64_t groups = (count + each - 1) / each;
  const uint64_t limit = device().groups;
  if (groups <= limit) return {groups, 1, 1};
  return {limit, (groups + limit - 1) / limit, 1};
}

uint64_t Recorder::largest_operand() const {
  return std::min(device().binding_bytes, kLargestWindow) - device().binding_alignment;
}

uint64_t Recorder::largest_operand(Buffer from) const {
  const Place place = place_of(from);
  return std::min(largest_operand(), place.block_bytes - place.offset);
}

void Recorder::take_back_last() {
  list_.bindings.resize(list_.commands.back().first_binding);
  list_.commands.pop_back();
  --calls_;
  list_.parameters.resize(list_.commands.size() * CommandList::kParameterBytes / sizeof(uint32_t));
}

void Recorder::make_way_for(int64_t multiply_adds) {
  const auto more = static_cast<double>(multiply_adds);
  if (work_ > 0.0 && work_ + more > pace_.limit()) submit();
  work_ += more;
}

void Recorder::submit() {
  const CommandList list = std::exchange(list_, {});
  const double work = std::exchange(work_, 0.0);
  placed_.clear();
  if (!outcome_.ok() || list.empty()) return;
  pace_.submitted(work, SubmissionPace::Clock::now());
  runner_.submit(list);
}

}  // namespace hearth::gpu
