// What llama-server calls a slot: a number, and the text that was read and written last under it. Here all
// texts lie in one cache, whoever asks under whichever number; so a slot is a name for one of them, by which
// it is saved to a file, found again and forgotten.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "engine/base/result.h"

namespace hearth::serve::llama {

using SlotText = std::vector<int32_t>;

/// Whose it is: the name of the model, what the model's cache is salted with, and the number.
using SlotKey = std::tuple<std::string, std::string, int64_t>;

class Slots {
 public:
  /// From now on the slot has this text, to which its answer is added as it comes.
  std::shared_ptr<SlotText> begin(const SlotKey& slot, SlotText text);
  /// Without tokens where it has none.
  SlotText text(const SlotKey& slot) const;

 private:
  std::map<SlotKey, std::shared_ptr<SlotText>> texts_;
};

/// A slot's file: the text, and the model's state of it.
struct SlotFile {
  SlotText text;
  std::string state;
};

/// What ends the names of files that are not written to their end.
constexpr std::string_view kUnfinished = ".part";

/// Clears the folder of what a server that was killed has left unfinished. INVALID_ARGUMENT where it is no
/// folder.
Result<void> open_slot_folder(const std::filesystem::path& folder);

std::string write_slot_file(const SlotFile& slot);
/// INTEGRITY for bytes that are not as they were written.
Result<SlotFile> read_slot_file(std::string_view bytes);

}  // namespace hearth::serve::llama
