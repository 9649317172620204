#include "apps/serve/config/read_config.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "apps/serve/config/config_reader.h"
#include "engine/base/system_error.h"
#include "engine/text/unicode.h"

namespace hearth::serve {
namespace {

constexpr size_t kMostBytes = 1 << 20;

/// Where documents begin.
class DocumentStarts : public YAML::EventHandler {
 public:
  std::vector<YAML::Mark> marks;

  void OnDocumentStart(const YAML::Mark& mark) override { marks.push_back(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
  void OnAlias(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
  void OnScalar(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                const std::string& /*value*/) override {}
  void OnSequenceStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value /*style*/) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {}
  void OnMapEnd() override {}
};

/// The text's one document. INVALID_ARGUMENT where there are more, or something that is none: of that
/// YAML::LoadAll would make documents without end.
Result<YAML::Node> document_in(const std::string& text, const ConfigReader& reader) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  DocumentStarts starts;
  if (parser.HandleNextDocument(starts) && parser.HandleNextDocument(starts)) {
    return reader.error_at(starts.marks.back(), "here the document ends, but not the file");
  }
  return YAML::Load(text);
}

/// What keys say together.
Result<void> check_config(const ServerConfig& config, const YAML::Node& node, const ConfigReader& reader) {
  const TlsSettings& tls = config.tls;
  if (tls.certificate.empty() != tls.key.empty()) {
    return reader.error_at(node["tls"].Mark(), "tls needs both a certificate and a key");
  }
  const bool is_known = config.default_model.empty() || !config.models_folder.empty() ||
                        reader.model_names().contains(config.default_model);
  if (!is_known) {
    return reader.error_at(node["defaultModel"].Mark(),
                           fmt::format("no model of this file has the name '{}'", config.default_model));
  }
  return {};
}

Result<ServerConfig> read_document(const YAML::Node& node, ConfigReader& reader) {
  ServerConfig config;
  if (node.IsNull()) return config;  // nothing but comments
  HEARTH_TRY(reader.read_section(node, config));
  HEARTH_TRY(check_config(config, node, reader));
  return config;
}

Result<std::string> read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return system_error(file, "open it");
  std::string text(kMostBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) return system_error(file, "read it");
  text.resize(static_cast<size_t>(stream.gcount()));
  return text;
}

}  // namespace

Result<ServerConfig> read_config_text(std::string_view text, const std::filesystem::path& file) {
  ConfigReader reader(file);
  const auto refuse = [&](std::string_view message) {
    return reader.error_at(YAML::Mark::null_mark(), message);
  };
  if (text.size() > kMostBytes) return refuse(fmt::format("has more than {} bytes", kMostBytes));
  const bool is_text = valid_utf8(text) == text && text.find('\0') == std::string_view::npos;
  if (!is_text) return refuse("is no text in UTF-8");
  try {
    HEARTH_ASSIGN(const YAML::Node document, document_in(std::string(text), reader));
    return read_document(document, reader);
  } catch (const YAML::Exception& problem) {
    return reader.error_at(problem.mark, "is no YAML: " + problem.msg);
  }
}

Result<ServerConfig> read_config(const std::filesystem::path& file) {
  HEARTH_ASSIGN(const std::string text, read_file(file));
  return read_config_text(text, file);
}

}  // namespace hearth::serve
