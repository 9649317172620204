#include "apps/store/choose_model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <limits>
#include <tuple>
#include <utility>

#include "apps/store/lower_case.h"
#include "apps/store/model_type.h"
#include "engine/base/escaped.h"
#include "engine/base/nearest_name.h"
#include "engine/format/model_file.h"

namespace hearth::store {
namespace {

struct Candidate {
  ListedModel file;  // of a split model the first part, with the size of all
  std::string type;  // "Q4_K_M", "UD-Q4_K_XL"; empty where the name says none
};

enum class TypeClass : uint8_t { kUsual, kLarger, kSmaller, kNone };

/// Of about four bits, the best first; others of four bits come behind them.
constexpr std::array<std::string_view, 9> kUsualTypes = {
    "Q4_K_M", "UD-Q4_K_XL", "Q4_K_XL", "Q4_K_L", "Q4_K_S", "IQ4_NL", "IQ4_XS", "MXFP4_MOE", "MXFP4"};

constexpr size_t kMostListed = 40;

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// Projectors of images and importance matrices are none.
bool may_be_model(const std::string& path) {
  const std::string lower = lower_case(path);
  return lower.ends_with(".gguf") && !has(lower, "mmproj") && !has(lower, "imatrix");
}

std::string file_name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// Of a split model, that of all parts; nullopt where it is not known of one.
std::optional<uint64_t> whole_size(const ListedModel& first, const std::vector<ListedModel>& files) {
  const auto part = parse_part_name(file_name_of(first.path));
  if (!part) return first.size;
  const std::string folder = first.path.substr(0, first.path.rfind('/') + 1);
  uint64_t sum = 0;
  uint32_t parts = 0;
  for (const ListedModel& file : files) {
    if (!file.path.starts_with(folder)) continue;
    const auto other = parse_part_name(file.path.substr(folder.size()));
    if (!other || other->stem != part->stem || other->count != part->count) continue;
    if (!file.size) return std::nullopt;
    sum += *file.size;
    ++parts;
  }
  return parts == part->count ? std::optional(sum) : std::nullopt;
}

std::vector<Candidate> models_among(const std::vector<ListedModel>& files) {
  std::vector<Candidate> models;
  for (const ListedModel& file : files) {
    if (!may_be_model(file.path)) continue;
    const auto part = parse_part_name(file_name_of(file.path));
    if (part && part->number != 1) continue;
    models.push_back({{file.path, whole_size(file, files), file.here}, type_of_path(file.path)});
  }
  std::sort(models.begin(), models.end(),
            [](const Candidate& a, const Candidate& b) { return a.file.path < b.file.path; });
  return models;
}

/// Weights, keys and values of a usual context, and what is computed in between.
bool fits(const Candidate& model, const Room& room) {
  constexpr uint64_t kAround = uint64_t{256} << 20;
  constexpr uint64_t kNoLimit = std::numeric_limits<uint64_t>::max();
  if (!model.file.size) return true;
  const uint64_t size = std::min(*model.file.size, kNoLimit / 2);
  const bool is_kept = model.file.here || size <= room.storage.value_or(kNoLimit);
  return size + size / 10 + kAround <= room.memory.value_or(kNoLimit) && is_kept;
}

TypeClass class_of(const Candidate& model) {
  const int bits = bits_of_type(model.type);
  if (bits == 4) return TypeClass::kUsual;
  return bits > 4 ? TypeClass::kLarger : bits > 0 ? TypeClass::kSmaller : TypeClass::kNone;
}

/// Four bits, then more from the least on, then less from the most on, then what names no type.
std::tuple<TypeClass, int64_t, int64_t, std::string_view> rank(const Candidate& model) {
  const auto size = static_cast<int64_t>(model.file.size.value_or(0));
  const auto* usual = std::find(kUsualTypes.begin(), kUsualTypes.end(), model.type);
  const int bits = bits_of_type(model.type);
  const std::string_view path = model.file.path;
  switch (class_of(model)) {
    case TypeClass::kUsual:
      return {TypeClass::kUsual, usual - kUsualTypes.begin(), -size, path};
    case TypeClass::kLarger:
      return {TypeClass::kLarger, bits, size, path};
    case TypeClass::kSmaller:
      return {TypeClass::kSmaller, -bits, -size, path};
    case TypeClass::kNone:
      break;
  }
  return {TypeClass::kNone, 0, 0, path};
}

std::string_view reason(const Candidate& model) {
  switch (class_of(model)) {
    case TypeClass::kUsual:
      return "the best of about 4 bits that fits";
    case TypeClass::kLarger:
      return "the smallest above 4 bits that fits";
    case TypeClass::kSmaller:
      return "the largest below 4 bits that fits";
    case TypeClass::kNone:
      break;
  }
  return "the first that fits";
}

/// In tenths of a gigabyte, or in megabytes.
std::string shown_bytes(uint64_t bytes) {
  if (bytes < 1'000'000'000) return fmt::format("{} MB", (bytes + 500'000) / 1'000'000);
  const uint64_t tenths = (bytes + 50'000'000) / 100'000'000;
  return fmt::format("{}.{} GB", tenths / 10, tenths % 10);
}

std::string shown_room(const Room& room) {
  std::vector<std::string> limits;
  if (room.memory) limits.push_back(shown_bytes(*room.memory) + " of memory");
  if (room.storage) limits.push_back(shown_bytes(*room.storage) + " of storage");
  return fmt::format("{}", fmt::join(limits, " and "));
}

/// By its type, or by its file where others have the same.
std::string label(const Candidate& model, const std::vector<Candidate>& models) {
  const auto same = std::count_if(models.begin(), models.end(),
                                  [&model](const Candidate& other) { return other.type == model.type; });
  return model.type.empty() || same != 1 ? escaped(model.file.path) : model.type;
}

std::string shown(const std::vector<Candidate>& models) {
  std::vector<std::string> listed;
  for (size_t i = 0; i < std::min(models.size(), kMostListed); ++i) {
    const std::string name = label(models[i], models);
    const auto& size = models[i].file.size;
    listed.push_back(size ? fmt::format("{} ({})", name, shown_bytes(*size)) : name);
  }
  if (models.size() > kMostListed) listed.push_back(fmt::format("{} more", models.size() - kMostListed));
  return fmt::format("{}", fmt::join(listed, ", "));
}

Error no_such_type(std::string_view repository, std::string_view wanted,
                   const std::vector<Candidate>& models) {
  std::vector<std::string> types;
  for (const Candidate& model : models) {
    if (!model.type.empty()) types.push_back(model.type);
  }
  const std::string hint =
      types.empty() ? "" : fmt::format("; the nearest is {}", nearest_name(wanted, types));
  return Error{ErrorCode::kNotFound, fmt::format("{}: no file has {} in its name{}; there are {}", repository,
                                                 wanted, hint, shown(models))};
}

Result<ModelChoice> choose_type(std::string_view repository, std::string_view wanted,
                                const std::vector<Candidate>& models) {
  const std::string type = lower_case(wanted);
  std::vector<std::string> found;
  for (const Candidate& model : models) {
    if (lower_case(model.type) == type) found.push_back(model.file.path);
  }
  if (found.empty()) {
    for (const Candidate& model : models) {
      if (has_word(model.file.path, wanted)) found.push_back(model.file.path);
    }
  }
  if (found.size() == 1) return ModelChoice{found.front(), ""};
  if (found.empty()) return no_such_type(repository, wanted, models);
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("{}: several files have {} in their names: {}; name one of them", repository,
                           wanted, escaped(fmt::format("{}", fmt::join(found, ", "))))};
}

}  // namespace

Result<ModelChoice> choose_model(std::string_view repository, std::string_view wanted,
                                 const std::vector<ListedModel>& files, const Room& room) {
  const std::vector<Candidate> models = models_among(files);
  if (models.empty()) {
    return Error{ErrorCode::kNotFound, fmt::format("{}: the repository has no GGUF file", repository)};
  }
  if (!wanted.empty()) return choose_type(repository, wanted, models);
  const Candidate* chosen = nullptr;
  for (const Candidate& model : models) {
    if (fits(model, room) && (chosen == nullptr || rank(model) < rank(*chosen))) chosen = &model;
  }
  const std::string limits = shown_room(room);
  if (chosen == nullptr) {
    return Error{ErrorCode::kModelTooLarge,
                 fmt::format("{}: no file fits into {}; there are {}; name one to take it all the same",
                             repository, limits, shown(models))};
  }
  if (models.size() == 1) return ModelChoice{chosen->file.path, ""};
  return ModelChoice{chosen->file.path, fmt::format("{} has {}: {} is taken, {}{}{}", repository,
                                                    shown(models), label(*chosen, models), reason(*chosen),
                                                    limits.empty() ? "" : " into ", limits)};
}

}  // namespace hearth::store
