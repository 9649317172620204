// What users give to read: files, standard input, and the texts and JSON in them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace hearth::cli {

/// The bytes of a file, or of standard input where the path is "-". Pipes and devices are read as files are.
/// NOT_FOUND, INVALID_ARGUMENT for a folder, or IO with the system's reason.
Result<std::string> read_input(const std::string& path);

/// What was meant by bytes that an editor or a shell's command wrote: a byte-order mark at their beginning
/// and one line end at their end are left out, and CRLF becomes LF.
std::string plain_text(std::string_view bytes);

/// The JSON in a file or in standard input ("-"). Fails as read_input and parse_json do.
Result<nlohmann::ordered_json> read_json(const std::string& path);

}  // namespace hearth::cli
