#include "engine/compute/gpu/recorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

#include "engine/compute/gpu/driver_record.h"

namespace hearth::gpu {
namespace {

/// What has_...() tells of an operand that is nowhere.
constexpr uint32_t kNowhere = 0xFFFFFFFF;

/// The number of a byte, or of the word that begins with it, must fit 32 bits.
constexpr uint64_t kLargestWindow = 0xFFFFFFF0;

constexpr size_t kParameterWords = CommandList::kParameterBytes / sizeof(uint32_t);

}  // namespace

Recorder::Recorder(Runner& runner) : runner_(runner), device_(runner.device()) {
  if (const DriverRecord* const record = DriverRecord::of(device_)) device_ = record->trusted(device_);
}

void Recorder::fail(Error error) {
  if (outcome_.ok()) outcome_ = std::move(error);
}

Result<KernelId> Recorder::kernel(std::string_view name) {
  const auto found = kernels_.find(name);
  if (found != kernels_.end()) return found->second;
  HEARTH_ASSIGN(const KernelId id, runner_.kernel(name));
  new_kernels_.emplace_back(name);
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
  command.first_binding = static_cast<uint32_t>(list_.bindings.size());
  command.binding_count = static_cast<uint32_t>(call.operands.size());
  const size_t first = list_.parameters.size();
  list_.parameters.resize(first + kParameterWords);
  const std::span words = std::span(list_.parameters).subspan(first);
  std::ranges::transform(call.parameters, words.begin(), &Parameter::word);
  if (const auto bound = bind(call, words.subspan(call.parameters.size())); !bound.ok())
    return fail(bound.error());
  list_.commands.push_back(command);
  ++calls_;
}

// Operands of one block share a window: WebGPU lets no two of them overlap where one is written.
Result<Binding> Recorder::window_of(const Call& call, BlockId block) const {
  const uint64_t largest = std::min(device().binding_bytes, kLargestWindow);
  uint64_t begin = UINT64_MAX;
  uint64_t end = 0;
  for (const Operand& operand : call.operands) {
    if (!operand.buffer) continue;
    const auto [own_block, own, block_bytes] = place_of(operand.buffer);
    if (own_block != block) continue;
    if (block_bytes <= largest) return Binding{block, 0, block_bytes};
    begin = std::min(begin, own / device().binding_alignment * device().binding_alignment);
    end = std::max(end, std::min((own + operand.bytes + 3) / 4 * 4, block_bytes));
  }
  if (end - begin <= largest) return Binding{block, begin, end - begin};
  return Error{ErrorCode::kUnsupported,
               fmt::format("{}: {} bytes of one block are more than the GPU binds at once ({})", call.kernel,
                           end - begin, largest)};
}

Result<void> Recorder::bind(const Call& call, std::span<uint32_t> begins) {
  for (size_t i = 0; i < call.operands.size(); ++i) {
    const Operand& operand = call.operands[i];
    if (!operand.buffer) {
      list_.bindings.push_back({});
      begins[i] = kNowhere;
      continue;
    }
    const Place place = place_of(operand.buffer);
    HEARTH_ASSIGN(const Binding window, window_of(call, place.block));
    list_.bindings.push_back(window);
    const uint64_t begin = place.offset - window.offset;
    begins[i] = static_cast<uint32_t>(operand.in_bytes ? begin : begin / sizeof(uint32_t));
  }
  return {};
}

uint32_t Recorder::place(std::span<const std::byte> words) {
  if (words.empty()) return 0;
  const size_t count = words.size() / sizeof(uint32_t);
  const size_t hash =
      std::hash<std::string_view>{}({reinterpret_cast<const char*>(words.data()), words.size()});
  const auto end = static_cast<uint32_t>(list_.data.size());
  const uint32_t first = placed_.try_emplace(hash, end).first->second;
  // Others may have the same hash: they lie there twice then.
  const bool is_there =
      first + count <= end && std::memcmp(list_.data.data() + first, words.data(), words.size()) == 0;
  if (is_there) return first;
  list_.data.resize(end + count);
  std::ranges::copy(words, std::as_writable_bytes(std::span(list_.data).subspan(end)).begin());
  return end;
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
  list_.parameters.resize(list_.commands.size() * kParameterWords);
}

void Recorder::make_way_for(int64_t multiply_adds) {
  const auto more = static_cast<double>(multiply_adds);
  if (work_ > 0.0 && work_ + more > pace_.limit()) submit();
  work_ += more;
}

void Recorder::submit() {
  const double work = std::exchange(work_, 0.0);
  if (outcome_.ok() && !list_.empty()) {
    pace_.submitted(work, SubmissionPace::Clock::now());
    runner_.submit(list_);
  }
  list_.clear();
  placed_.clear();
}

}  // namespace hearth::gpu
