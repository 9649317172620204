// A file that is read past the system's cache and ahead, for who keeps its bytes in memory of their own: they
// are not there twice, nothing else is thrown out for them, and the processor has nothing to copy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "engine/base/background_reader.h"
#include "engine/base/byte_source.h"
#include "engine/base/result.h"

namespace hearth {

/// No disk and no file system here has larger blocks.
constexpr size_t kDirectBlock = 4096;

/// Which file it is, whatever its name.
struct FileIdentity {
  uint64_t device;
  uint64_t inode;
};

/// The file of that name, if it is still the one that is mapped at `mapped`, which must outlive it: IO
/// otherwise.
Result<std::shared_ptr<const ByteSource>> open_direct(const std::string& name,
                                                      std::span<const std::byte> mapped,
                                                      FileIdentity identity,
                                                      std::shared_ptr<BackgroundReader> reader);

}  // namespace hearth
