#include "engine/base/pages.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

namespace hearth {
namespace {

struct PageRange {
  void* begin;
  size_t size;
};

/// The whole pages that hold `bytes`.
PageRange pages_of(std::span<const std::byte> bytes, uintptr_t page) {
  const uintptr_t begin = reinterpret_cast<uintptr_t>(bytes.data()) / page * page;
  const uintptr_t end = reinterpret_cast<uintptr_t>(bytes.data() + bytes.size());
  return {reinterpret_cast<void*>(begin), end - begin};
}

uintptr_t page_size() { return static_cast<uintptr_t>(sysconf(_SC_PAGESIZE)); }

}  // namespace

void fetch_pages(std::span<const std::byte> mapped) {
  if (mapped.empty()) return;
  const uintptr_t page = page_size();
  const PageRange range = pages_of(mapped, page);
  // Asks for all of it at once; what follows would read it bit by bit.
  expect_pages(mapped);
#if defined(MADV_POPULATE_READ)
  if (madvise(range.begin, range.size, MADV_POPULATE_READ) == 0) return;
#endif
  // Before Linux 5.14, and elsewhere: touch every page.
  const volatile std::byte* at = mapped.data();
  for (size_t offset = 0; offset < mapped.size(); offset += page) (void)at[offset];
  (void)at[mapped.size() - 1];
}

void expect_pages(std::span<const std::byte> mapped) {
  if (mapped.empty()) return;
  const PageRange range = pages_of(mapped, page_size());
  madvise(range.begin, range.size, MADV_WILLNEED);
}

void drop_pages(std::span<const std::byte> mapped) {
  if (mapped.empty()) return;
  const PageRange range = pages_of(mapped, page_size());
  madvise(range.begin, range.size, MADV_DONTNEED);
}

}  // namespace hearth
