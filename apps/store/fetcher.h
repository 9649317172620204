// Brings the files of one model into the cache folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "apps/store/cached_file.h"
#include "apps/store/download.h"
#include "apps/store/hugging_face.h"
#include "apps/store/listings.h"
#include "apps/store/manifest.h"
#include "apps/store/model_store.h"

namespace hearth::store {

/// A file on a server, and what is known of it before it is there.
struct RemoteFile {
  WebAddress url;
  std::optional<uint64_t> size;
  std::string sha256;        // in lower case; empty where it is not known
  bool begins_model = true;  // as all do but the later chunks of a manifest
};

class Fetcher {
 public:
  /// Borrows all of them. The user's headers go to `origin` alone.
  Fetcher(const StoreOptions& store, const PullOptions& options, const PullCallback& callback,
          std::string origin);

  /// The files that a model at Hugging Face consists of, the first first, and what the server says of them.
  /// Where a reference names its file, a server that has no list is none the worse.
  Result<std::vector<RemoteFile>> find(const RepositoryReference& name) const;

  /// Has all files of a model in the cache, one after the other, and gives the path of the first.
  Result<std::filesystem::path> fetch(const std::vector<RemoteFile>& files) const;

  /// The same for the file that a manifest names the chunks of, whose SHA-256 has to be `sha256`, if that is
  /// not empty.
  Result<std::filesystem::path> fetch_manifest(const WebAddress& url, const std::string& sha256) const;

 private:
  Result<std::vector<RepositoryFile>> list(const RepositoryReference& name) const;
  Result<ListingPage> page_at(const WebAddress& url, const GoOn& go_on) const;
  /// The path of the file that the name leaves open.
  Result<std::string> choose(const RepositoryReference& name, const std::vector<RepositoryFile>& files) const;
  Result<Manifest> read_manifest(const WebAddress& url) const;
  Result<std::filesystem::path> fetch_file(const RemoteFile& file, const PullReport& report) const;
  /// Fetches chunks and puts them together.
  Result<void> join(const std::vector<RemoteFile>& chunks, const std::filesystem::path& partial,
                    PullReport& report) const;
  HttpRequest request(const WebAddress& url) const;

  const StoreOptions& store_;
  const PullOptions& options_;
  const PullCallback& callback_;
  std::string origin_;
};

}  // namespace hearth::store
