#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "apps/serve/config/config_tables.h"
#include "apps/serve/config/print_config.h"
#include "apps/serve/config/read_config.h"
#include "engine/base/generated_file_testing.h"

namespace hearth::serve {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kFile = "/etc/hearth/hearth.yaml";

ServerConfig read(std::string_view text) {
  auto config = read_config_text(text, kFile);
  EXPECT_TRUE(config.ok()) << config.error().message;
  return config.ok() ? *std::move(config) : ServerConfig();
}

/// The message of a text that is refused, without the file's name.
std::string refusal(std::string_view text) {
  const auto config = read_config_text(text, kFile);
  if (config.ok()) return "";
  EXPECT_EQ(config.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(config.error().message, StartsWith(std::string(kFile) + ":"));
  return config.error().message.substr(std::string_view(kFile).size() + 1);
}

constexpr const char* kWhole = R"(# everything there is
host: 0.0.0.0
port: 0
socket: run/hearth.sock
insecure: true
tls: {certificate: tls/cert.pem, key: /keys/key.pem}
models:
  - name: chat
    source: models/chat.gguf
    aliases: [gpt-4o, "claude"]
    options: {contextSize: 8192, kvType: q8_0}
    keepAlive: -1
    pinned: true
    adapters:
      - {name: chat-legal, source: "hf:someone/legal", scale: 0.5}
  - name: embed
    source: https://example.org/embed.gguf
    keepAlive: 1h30m
modelsFolder: ../models
defaultModel: claude
memoryBudget: 8GiB
keepAlive: 90
threads: 4
keys: keys.json
cors:
  origins: ["https://example.org"]
limits:
  bodyBytes: 1MiB
  headerTime: 2.5
  requestTime: -1
  queue: 7
  tokensPerMinute: 1000
workflows: {folder: flows, store: /kept, origins: ["https://api.example.org"]}
log: {format: json, level: debug, prompts: true}
metrics: false
page: false
)";

TEST(Config, OfAnEmptyFileIsTheDefault) {
  for (const char* text : {"", "# nothing\n", "---\n", "{}"}) {
    EXPECT_EQ(print_config(read(text)), print_config(ServerConfig())) << text;
  }
}

TEST(Config, SaysWhereToListenAndHow) {
  const ServerConfig config = read(kWhole);
  EXPECT_EQ(config.host, "0.0.0.0");
  EXPECT_EQ(config.port, 0);
  EXPECT_TRUE(config.insecure);
  EXPECT_EQ(config.memory_budget, ByteCount{8ULL << 30});
  EXPECT_EQ(config.keep_alive, std::chrono::seconds(90));
  EXPECT_EQ(config.limits.body_bytes, ByteCount{1 << 20});
  EXPECT_EQ(config.limits.header_time, std::chrono::milliseconds(2500));
  EXPECT_EQ(config.limits.request_time, kForever);
  EXPECT_EQ(config.limits.queue, 7);
  EXPECT_EQ(config.limits.tokens_per_minute, 1000);
  EXPECT_EQ(config.limits.connections, LimitSettings().connections);
  EXPECT_EQ(config.log.format, "json");
  EXPECT_TRUE(config.log.prompts);
  EXPECT_FALSE(config.metrics);
  EXPECT_THAT(config.cors.origins, ElementsAre("https://example.org"));
}

TEST(Config, ListsModelsWithTheirAdapters) {
  const ServerConfig config = read(kWhole);
  ASSERT_EQ(config.models.size(), 2U);
  const ModelSettings& chat = config.models[0];
  EXPECT_THAT(chat.aliases, ElementsAre("gpt-4o", "claude"));
  EXPECT_EQ(chat.options.dump(), R"({"contextSize":8192,"kvType":"q8_0"})");
  EXPECT_EQ(chat.keep_alive, kForever);
  EXPECT_TRUE(chat.pinned);
  ASSERT_EQ(chat.adapters.size(), 1U);
  EXPECT_EQ(chat.adapters[0].source, "hf:someone/legal");
  EXPECT_EQ(chat.adapters[0].scale, 0.5);
  EXPECT_EQ(config.models[1].keep_alive, std::chrono::minutes(90));
}

TEST(Config, TakesRelativePathsFromItsFolder) {
  const ServerConfig config = read(kWhole);
  EXPECT_EQ(config.socket, "/etc/hearth/run/hearth.sock");
  EXPECT_EQ(config.tls.certificate, "/etc/hearth/tls/cert.pem");
  EXPECT_EQ(config.tls.key, "/keys/key.pem");
  EXPECT_EQ(config.models_folder, "/etc/models");
  EXPECT_EQ(config.workflows.folder, "/etc/hearth/flows");
  EXPECT_EQ(config.workflows.store, "/kept");
  EXPECT_EQ(config.models[0].source, "/etc/hearth/models/chat.gguf");
  EXPECT_EQ(config.models[1].source, "https://example.org/embed.gguf");
}

TEST(Config, IsPrintedAsItIsRead) {
  for (const char* text : {"", kWhole, "models: [{name: \"a\\\"b # é 😀\", source: ': [x'}]"}) {
    const std::string printed = print_config(read(text));
    const auto again = read_config_text(printed, "/elsewhere/hearth.yaml");
    ASSERT_TRUE(again.ok()) << again.error().message << "\n" << printed;
    EXPECT_EQ(print_config(*again), printed);
  }
  EXPECT_THAT(
      print_config(ServerConfig()),
      HasSubstr("# Port to listen on: a whole number from 0 to 65535 (0: one that is free)\nport: 8080\n"));
}

TEST(Config, NamesTheKeyThatMayBeMeant) {
  EXPECT_EQ(refusal("host: ::1\nprot: 80\n"), "2:1: there is no key 'prot' here; the nearest is 'port'");
  EXPECT_EQ(refusal("limits:\n  Queue: 1\n"), "2:3: there is no key 'Queue' here; the nearest is 'queue'");
  EXPECT_EQ(refusal("tls: {file: x}"), "1:7: there is no key 'file' here; the nearest is 'key'");
}

TEST(Config, RefusesWhatAKeyMayNotBe) {
  EXPECT_EQ(refusal("port: 65536"),
            "1:7: port must be a whole number from 0 to 65535 (0: one that is free), not '65536'");
  EXPECT_THAT(refusal("port: \"80\""), HasSubstr("1:7: port must be a whole number"));
  EXPECT_THAT(refusal("port: 80.5"), HasSubstr("not '80.5'"));
  EXPECT_THAT(refusal("port: [80]"), HasSubstr("not a list"));
  EXPECT_THAT(refusal("port:"), HasSubstr("not nothing"));
  EXPECT_EQ(refusal("insecure: yes"), "1:11: insecure must be true or false, not 'yes'");
  EXPECT_EQ(refusal("log:\n  level: loud"),
            "2:10: level must be one of error, warning, info, debug, not 'loud'");
  EXPECT_THAT(refusal("memoryBudget: 8G"), HasSubstr("bytes or a size such as 512MiB"));
  EXPECT_THAT(refusal("memoryBudget: 5"), HasSubstr("from 1MiB to 1024TiB (0: any amount), not '5'"));
  EXPECT_THAT(refusal("keepAlive: soon"), HasSubstr("(-1: for ever), not 'soon'"));
  EXPECT_THAT(refusal("limits: {headerTime: -1}"), HasSubstr("from 1s to 1h, not '-1'"));
  EXPECT_THAT(refusal("cors: {origins: x}"), HasSubstr("origins must be a list of texts, not 'x'"));
  EXPECT_THAT(refusal("tls: x"), HasSubstr("keys with values must stand here, not 'x'"));
  EXPECT_THAT(refusal("host: \"a\\nb\""), HasSubstr("host has a control character: 'a\\x0ab'"));
  EXPECT_THAT(refusal("- 1"), HasSubstr("1:1: keys with values must stand here, not a list"));
  EXPECT_THAT(refusal("[a]: 1"), HasSubstr("a key must be a name, not a list"));
}

TEST(Config, RefusesAKeyThatIsThereTwice) {
  EXPECT_EQ(refusal("port: 1\nhost: a\nport: 2\n"), "3:1: the key 'port' is here twice");
  EXPECT_EQ(refusal("models: [{name: a, source: b, options: {threads: 1, threads: 2}}]"),
            "1:53: the key 'threads' is here twice");
}

TEST(Config, RefusesModelsThatAreNone) {
  EXPECT_EQ(refusal("models:\n  - name: a\n"), "2:5: the key 'source' is missing here");
  EXPECT_THAT(refusal("models: [{name: '', source: a}]"), HasSubstr("name must be a name of 1 to 256 bytes"));
  EXPECT_THAT(refusal("models: [{name: a, source: ''}]"), HasSubstr("source must be a path"));
  EXPECT_EQ(refusal("models: [{name: a, source: b}, {name: c, source: d, aliases: [e, a]}]"),
            "1:66: another model has the name 'a', too");
  EXPECT_EQ(refusal("models: [{name: a, source: b}]\ndefaultModel: c"),
            "2:15: no model of this file has the name 'c'");
  EXPECT_EQ(read("modelsFolder: m\ndefaultModel: c").default_model, "c");
}

TEST(Config, HasTheEngineCheckOptionsOfLoading) {
  const auto with = [](const char* options) {
    return refusal(fmt::format("models:\n  - {{name: a, source: b, options: {{{}}}}}", options));
  };
  EXPECT_THAT(with("contextLength: 5"),
              AllOf(StartsWith("2:36: "), HasSubstr("no option 'contextLength'"), HasSubstr("contextSize")));
  EXPECT_THAT(with("threads: -5"), HasSubstr("threads must be a whole number from 1 to 1024"));
  EXPECT_THAT(with("kvType: q9"), HasSubstr("kvType must be one of f16"));
  EXPECT_THAT(with("kvType: [f16]"), HasSubstr("'kvType' must be a single value, not a list"));
  EXPECT_EQ(with("kvType: f32, memoryLimit: 1000000"), "");
}

TEST(Config, NeedsBothFilesOfTls) {
  EXPECT_EQ(refusal("tls:\n  key: x"), "2:3: tls needs both a certificate and a key");
}

TEST(Config, RefusesWhatIsNoYaml) {
  EXPECT_THAT(refusal("host: [a"), HasSubstr("is no YAML: "));
  EXPECT_THAT(refusal("host: *name"), HasSubstr("1:7: is no YAML: "));
  EXPECT_THAT(refusal("port: 1\n---\nport: 2\n"), HasSubstr("here the document ends, but not the file"));
  EXPECT_THAT(refusal(", port: 1"), HasSubstr("here the document ends, but not the file"));
  EXPECT_EQ(refusal("host: \xff"), " is no text in UTF-8");
  EXPECT_EQ(refusal(std::string("p\0o\0r\0t\0", 8)), " is no text in UTF-8");
}

TEST(Config, HasLimits) {
  EXPECT_THAT(refusal("# " + std::string(1 << 20, 'x')), HasSubstr("more than 1048576 bytes"));
  EXPECT_THAT(refusal("host: " + std::string(100000, '[')), HasSubstr("is no YAML"));
  EXPECT_THAT(refusal("host: " + std::string(5000, 'h')), HasSubstr("host must be a text"));
  // Lists that are ten times the one before, thirty times over.
  std::string laughs = "models:\n  - &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 30; ++i) {
    laughs += fmt::format(
        "  - &a{1} [*a{0}, *a{0}, *a{0}, *a{0}, *a{0}, *a{0}, *a{0}, *a{0}, *a{0}, *a{0}]\n", i - 1, i);
  }
  EXPECT_THAT(refusal(laughs), HasSubstr("keys with values must stand here, not a list"));
  std::string names = "models:\n  - {name: a, source: s, aliases: &n [";
  for (int i = 0; i < 30000; ++i) names += fmt::format("n{},", i);
  EXPECT_THAT(refusal(names + "]}\n"), HasSubstr("more than 20000 values"));
}

TEST(Config, FollowsAliases) {
  const ServerConfig config = read(
      "models:\n  - {name: a, source: x, options: &small {contextSize: 512}}\n"
      "  - {name: b, source: y, options: *small}\n");
  ASSERT_EQ(config.models.size(), 2U);
  EXPECT_EQ(config.models[1].options.dump(), R"({"contextSize":512})");
  EXPECT_THAT(refusal("cors: &a {origins: *a}"), HasSubstr("origins must be a list"));
}

TEST(Config, IsReadFromAFile) {
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("hearth_config_test_{}", getpid());
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "hearth.yaml") << "port: 81\nkeys: keys.json\n";
  const auto config = read_config(folder / "hearth.yaml");
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(config->port, 81);
  EXPECT_EQ(config->keys, (folder / "keys.json").string());

  const auto missing = read_config(folder / "none.yaml");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(read_config(folder).ok());
  std::filesystem::remove_all(folder);
}

std::string default_text(const Setting& /*setting*/, bool value) { return value ? "true" : "false"; }
std::string default_text(const Setting& setting, int64_t value) {
  return value == setting.special.value && !setting.special.meaning.empty()
             ? std::string(setting.special.meaning)
             : fmt::format("{}", value);
}
std::string default_text(const Setting& /*setting*/, double value) { return fmt::format("{}", value); }
std::string default_text(const Setting& /*setting*/, Duration value) { return to_text(value); }
std::string default_text(const Setting& setting, ByteCount value) {
  return value.bytes == 0 ? std::string(setting.special.meaning) : to_text(value);
}
std::string default_text(const Setting& /*setting*/, const std::string& value) {
  return value.empty() ? "" : fmt::format("`{}`", value);
}
template <typename Other>
std::string default_text(const Setting& setting, const Other& /*value*/) {
  return std::string(setting.standard);
}

template <typename Section>
std::string documentation(std::string_view title) {
  std::string text = fmt::format(
      "\n### {}\n\n| key | what it does | what it may be | by default |\n|---|---|---|---|\n", title);
  const Section standards{};
  for (const SettingOf<Section>& setting : setting_table<Section>()) {
    std::visit(
        [&](auto member) {
          const auto& value = standards.*member;
          std::string standard = setting.is_required ? "must be there" : std::string(setting.standard);
          if (standard.empty()) standard = default_text(setting, value);
          text += fmt::format("| `{}` | {} | {} | {} |\n", setting.name, setting.help,
                              values_of(setting, value), standard);
        },
        setting.member);
  }
  return text;
}

TEST(Config, IsExplainedInTheDocumentation) {
  hearth::testing::expect_generated(
      "docs/server.md", "\n### The file's keys",
      documentation<ServerConfig>("The file's keys") + documentation<TlsSettings>("tls") +
          documentation<ModelSettings>("Each of models") +
          documentation<AdapterSettings>("Each of a model's adapters") + documentation<CorsSettings>("cors") +
          documentation<LimitSettings>("limits") + documentation<WorkflowSettings>("workflows") +
          documentation<LogSettings>("log"),
      "\nTimes are ");
}

}  // namespace
}  // namespace hearth::serve
