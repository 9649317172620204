#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "apps/bundle/bundle.h"
#include "apps/bundle/carried_workflow.h"
#include "apps/bundle/files.h"
#include "apps/bundle/model.h"
#include "apps/bundle/seven_bits.h"
#include "apps/store/sha256.h"
#include "engine/base/atomic_file.h"
#include "engine/base/byte_source.h"
#include "engine/base/system_error.h"

namespace hearth::bundle {
namespace {

constexpr uint64_t kLargestSingle = 100'000'000;
/// Of the model in each element, so that a browser need not hold it twice while it decodes: whole characters.
constexpr uint64_t kElementBytes = uint64_t{7} << 20;
/// Where the page has room for what is carried.
constexpr std::string_view kPlace = "<!-- hearth: carried -->";

Result<uint64_t> checked_size(const std::filesystem::path& model) {
  std::error_code problem;
  const uint64_t size = std::filesystem::file_size(model, problem);
  if (problem) return system_error(model, "read it", problem.value());
  if (size <= kLargestSingle) return size;
  return Error{
      ErrorCode::kModelTooLarge,
      fmt::format("{}: has {} MB, and one page holds at most 100: leave out --single, which makes a folder "
                  "for any static host, or make the model smaller with 'hearth convert'",
                  model.string(), (size + 999'999) / 1'000'000)};
}

/// No text in it ends a script element.
std::string json_element(const nlohmann::ordered_json& json) {
  std::string text = json.dump();
  for (size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at)) {
    text.replace(at, 1, "\\u003c");
  }
  return fmt::format("<script type=\"application/json\" id=\"hearth-bundle\">{}</script>\n", text);
}

class PageWriter {
 public:
  explicit PageWriter(AtomicFile& file) : file_(file) {}

  Result<void> put(std::string_view text) {
    bytes_ += text.size();
    return file_.append(std::as_bytes(std::span(text)));
  }
  uint64_t bytes() const { return bytes_; }

 private:
  AtomicFile& file_;
  uint64_t bytes_ = 0;
};

Result<std::string> put_model(const ByteSource& model, PageWriter& page, const BundleProgress& progress) {
  store::Sha256 hash;
  std::vector<std::byte> piece;
  for (uint64_t at = 0; at < model.size(); at += piece.size()) {
    piece.resize(std::min(kElementBytes, model.size() - at));
    HEARTH_TRY(model.read(at, piece));
    hash.add(piece);
    HEARTH_TRY(page.put("<script type=\"text/plain\" class=\"hearth-model\">"));
    HEARTH_TRY(page.put(seven_bits(piece)));
    HEARTH_TRY(page.put("</script>\n"));
    if (!progress(at + piece.size(), model.size())) {
      return Error{ErrorCode::kAborted, "cancelled while the page was written"};
    }
  }
  return hash.take();
}

}  // namespace

Result<BundleReport> write_single_page(const BundleParts& parts, const std::filesystem::path& file,
                                       const BundleProgress& progress) {
  HEARTH_ASSIGN(const uint64_t size, checked_size(parts.model));
  BundleReport report;
  HEARTH_ASSIGN(report.name, name_of(parts));
  nlohmann::ordered_json described = {{"name", report.name},
                                      {"model", {{"name", parts.model.filename().string()}, {"size", size}}}};
  if (!parts.workflow.empty()) {
    HEARTH_ASSIGN(CarriedWorkflow workflow, read_workflow(parts.workflow));
    described["workflow"] = std::move(workflow.described);
    described["workflow"]["files"] = workflow.files;
  }
  const std::filesystem::path of_page =
      parts.web / (parts.workflow.empty() ? "single.html" : "single_workflow.html");
  HEARTH_ASSIGN(const std::string page, read_file(of_page));
  const size_t place = page.find(kPlace);
  if (place == std::string::npos) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{}: has no place for a model: make it anew with tools/build_bundle.sh",
                             of_page.string())};
  }
  HEARTH_ASSIGN(const auto model, map_file(parts.model));
  HEARTH_ASSIGN(AtomicFile output, AtomicFile::create(file));
  PageWriter writer(output);
  HEARTH_TRY(writer.put(page.substr(0, place)));
  HEARTH_ASSIGN(const std::string model_hash, put_model(*model, writer, progress));
  described["version"] = store::sha256_of(page + described.dump() + model_hash).substr(0, 16);
  described["model"]["sha256"] = model_hash;
  HEARTH_TRY(writer.put(json_element(described)));
  HEARTH_TRY(writer.put(page.substr(place + kPlace.size())));
  HEARTH_TRY(output.commit());
  report.version = described["version"];
  report.chunks = 1;
  report.bytes = writer.bytes();
  return report;
}

}  // namespace hearth::bundle
