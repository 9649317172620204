// The block type that a GGUF file's name says it has, as such files are named in the wild.
#pragma once

#include <string>
#include <string_view>

namespace hearth::store {

/// The last word of the file's name, or of its folder's, that is a type, in large letters; words end at '-',
/// '.' and '/'. "Q4_K_M" of "model-Q4_K_M.gguf", "model.q4_k_m.gguf", "Q4_K_M/model-00001-of-00003.gguf";
/// empty where there is none.
std::string type_of_path(std::string_view path);

/// 4 of "UD-Q4_K_XL", 16 of "BF16"; 0 of "".
int bits_of_type(std::string_view type);

/// Whether the path has it as a word of its own: Q4_K is not in model-Q4_K_M.gguf, nor F16 in
/// model-BF16.gguf.
bool has_word(std::string_view path, std::string_view word);

}  // namespace hearth::store
