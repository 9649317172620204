// The models that this machine has downloaded, and downloading them.
//
// They lie in the cache folder that @hearth/node uses, too, in the same layout and under the same locks: what
// one downloads, the other finds, and of two that want the same model at once one waits for the other. A file
// has its name only when it is whole and checked, so a process may be killed at any moment; the next pull
// goes on where it was.
//
// All functions block and may be called from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/store/stored_model.h"
#include "engine/base/result.h"

namespace hearth::store {

struct StoreOptions {
  std::filesystem::path folder;
  std::string endpoint;  // where hf: references are looked up, without a slash at its end
  std::string token;     // sent to the endpoint, and to no other host; may be empty

  /// HEARTH_CACHE, or hearth/ in XDG_CACHE_HOME or ~/.cache; HF_ENDPOINT, or https://huggingface.co;
  /// HF_TOKEN.
  static StoreOptions from_environment();
};

struct PullProgress {
  std::string_view stage;  // "check_cache", "download", "verify" (its checksum) or "store"
  uint64_t loaded = 0;     // bytes of the model, of all its files where their sizes are known
  uint64_t total = 0;      // 0: not known
  std::string file;        // that is at its turn, without a folder
  std::string message;     // what it waits for, or tries again after; mostly empty
};

/// Called often, from the thread that pulls, also while nothing happens. False cancels: the pull ends with
/// ABORTED.
using PullCallback = std::function<bool(const PullProgress&)>;

struct PullOptions {
  std::vector<std::string>
      headers;          // "Name: value", sent with every request, but to no host that is redirected to
  std::string sha256;   // what the file's has to be, in hexadecimal digits; empty: what the server says
  bool reload = false;  // fetches it anew; what is there stays until then
};

class ModelStore {
 public:
  explicit ModelStore(StoreOptions options = StoreOptions::from_environment());

  const StoreOptions& options() const { return options_; }

  /// Whole models, those used last first. Empty where there is no folder yet.
  Result<std::vector<StoredModel>> list() const;

  /// By its name, reference, file's name or SHA-256, without a network. NOT_FOUND, or INVALID_ARGUMENT where
  /// it could be several; no file is looked at but those of list().
  Result<StoredModel> find(std::string_view name) const;

  /// Downloads what hf:owner/repository:Q4_K_M, hf:owner/repository/file.gguf, hf:owner/repository (which
  /// takes what fits this machine: choose_model.h; each also with @revision behind the repository) or a URL
  /// stands for, where it is not there yet; also all parts of a split model, or the chunks of a manifest
  /// (URLs that end in .json). Errors:
  /// - INVALID_ARGUMENT: the reference is none, or a path, or leaves open which of several files is meant
  /// - NOT_FOUND: the server has no such file; MODEL_TOO_LARGE: no type is named, and none fits; SERVER: it
  /// refuses (the message tells of tokens where they may help)
  /// - NETWORK: after several tries; what has come stays for the next
  /// - INTEGRITY: a checksum or a size differs; INVALID_MODEL: it is no GGUF file; nothing is kept of either
  /// - CACHE_QUOTA: the disk has no room for it; IO; ABORTED
  Result<StoredModel> pull(const std::string& reference, const PullCallback& progress = nullptr,
                           const PullOptions& pull_options = {}) const;

  /// What find() finds, with all its parts. Programs that have it open keep it until they close it.
  Result<void> remove(std::string_view name) const;

  /// What interrupted downloads have left, but those that go on at this moment; the bytes that are free now.
  Result<uint64_t> remove_unfinished() const;

 private:
  StoreOptions options_;
};

}  // namespace hearth::store
