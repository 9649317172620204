// Which pages of a mapped file are in memory: fetched before they are needed, given back when they are not.
#pragma once

#include <cstddef>
#include <span>

namespace hearth {

/// Returns when the bytes, part of a file mapping, are in memory. They stay until memory runs short, or they
/// are dropped.
void fetch_pages(std::span<const std::byte> mapped);

/// Has them be read in the background, so that a fetch of them does not wait for each in turn.
void expect_pages(std::span<const std::byte> mapped);

/// Takes the bytes out of this process's memory; they come back from the file when they are touched. Never
/// for memory that is no mapping of a file: there, the contents would be lost.
void drop_pages(std::span<const std::byte> mapped);

}  // namespace hearth
