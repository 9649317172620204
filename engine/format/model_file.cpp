#include "engine/format/model_file.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "engine/format/quoted.h"

namespace hearth {
namespace {

constexpr std::string_view kExtension = ".gguf";
constexpr std::string_view kOf = "-of-";
constexpr size_t kDigits = 5;  // "-00001-of-00003.gguf"

std::optional<uint32_t> parse_digits(std::string_view digits) {
  uint32_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return value;
}

// Cuts `count` bytes off the end of `text`; nullopt if it has fewer.
std::optional<std::string_view> cut_end(std::string_view& text, size_t count) {
  if (text.size() < count) return std::nullopt;
  const std::string_view end = text.substr(text.size() - count);
  text.remove_suffix(count);
  return end;
}

Error invalid(const Gguf& part, std::string_view message) {
  return {ErrorCode::kInvalidModel, fmt::format("{}: {}", part.source().name(), message)};
}

}  // namespace

std::string PartName::str() const { return fmt::format("{}-{:05}-of-{:05}.gguf", stem, number, count); }

std::optional<PartName> parse_part_name(std::string_view file_name) {
  if (cut_end(file_name, kExtension.size()) != kExtension) return std::nullopt;
  const auto count = parse_digits(cut_end(file_name, kDigits).value_or(""));
  if (cut_end(file_name, kOf.size()) != kOf) return std::nullopt;
  const auto number = parse_digits(cut_end(file_name, kDigits).value_or(""));
  if (cut_end(file_name, 1) != "-" || !number || !count || *number < 1 || *number > *count)
    return std::nullopt;
  return PartName{std::string(file_name), *number, *count};
}

Result<ModelFile> ModelFile::open(const std::filesystem::path& path, bool require_data) {
  auto name = parse_part_name(path.filename().string());
  std::vector<std::shared_ptr<const ByteSource>> parts;
  if (!name) {
    HEARTH_ASSIGN(auto source, map_file(path));
    parts.push_back(std::move(source));
    return open(std::move(parts), require_data);
  }
  if (name->number != 1) {
    const uint32_t given = std::exchange(name->number, 1);
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{}: is part {} of a split model; open its first part, {}", path.string(), given,
                             name->str())};
  }
  for (; name->number <= name->count; ++name->number) {
    HEARTH_ASSIGN(auto source, map_file(path.parent_path() / name->str()));
    parts.push_back(std::move(source));
  }
  return open(std::move(parts), require_data);
}

Result<ModelFile> ModelFile::open(std::vector<std::shared_ptr<const ByteSource>> sources, bool require_data) {
  if (sources.empty()) return Error{ErrorCode::kInvalidArgument, "a model needs at least one file"};
  ModelFile model;
  for (auto& source : sources) {
    HEARTH_ASSIGN(auto part, Gguf::parse(std::move(source), require_data));
    model.parts_.push_back(std::make_unique<Gguf>(std::move(part)));
  }
  HEARTH_TRY(model.check_split());
  HEARTH_TRY(model.index_tensors());
  return model;
}

Result<void> ModelFile::check_split() const {
  uint64_t tensors = 0;
  for (size_t i = 0; i < parts_.size(); ++i) {
    const Gguf& part = *parts_[i];
    HEARTH_ASSIGN(const auto count, part.integer("split.count"));
    HEARTH_ASSIGN(const auto number, part.integer("split.no"));
    if (!count && parts_.size() > 1) {
      return invalid(part, "key 'split.count' is missing: this is no part of a split model");
    }
    if (count.value_or(1) != parts_.size()) {
      return invalid(part,
                     fmt::format("key 'split.count' says {} parts, but {} were opened; a split model is "
                                 "opened by its first part, named NAME-00001-of-{:05}.gguf",
                                 count.value_or(1), parts_.size(), count.value_or(1)));
    }
    if (number.value_or(0) != i) {
      return invalid(part,
                     fmt::format("key 'split.no' says this is part {}, but it was opened as part {}: the "
                                 "files have been renamed or mixed",
                                 number.value_or(0) + 1, i + 1));
    }
    tensors += part.tensors().size();
  }
  HEARTH_ASSIGN(const auto expected, metadata().integer("split.tensors.count"));
  if (expected.value_or(tensors) != tensors) {
    return invalid(metadata(),
                   fmt::format("key 'split.tensors.count' says {} tensors, but the parts have {}: "
                               "they are not of the same model",
                               *expected, tensors));
  }
  return {};
}

Result<void> ModelFile::index_tensors() {
  for (const auto& part : parts_) {
    for (const GgufTensor& tensor : part->tensors()) {
      const auto [place, added] = places_.try_emplace(tensor.name, TensorPlace{&tensor, part.get()});
      if (!added) {
        return invalid(*part, fmt::format("tensor {} is also in {}", quoted(tensor.name),
                                          place->second.part->source().name()));
      }
    }
  }
  return {};
}

TensorPlace ModelFile::find_tensor(std::string_view name) const {
  const auto found = places_.find(name);
  return found == places_.end() ? TensorPlace{nullptr, nullptr} : found->second;
}

uint64_t ModelFile::size() const {
  uint64_t bytes = 0;
  for (const auto& part : parts_) bytes += part->source().size();
  return bytes;
}

}  // namespace hearth
