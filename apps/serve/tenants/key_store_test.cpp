#include "apps/serve/tenants/key_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>

#include "apps/serve/tenants/key_changes.h"
#include "apps/serve/tenants/key_file.h"

namespace hearth::serve {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class KeyStoreTest : public ::testing::Test {
 protected:
  void SetUp() override { fs::remove_all(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  IssuedKey create(const std::string& name) const {
    ApiKey wanted;
    wanted.name = name;
    auto issued = create_key(file_, wanted);
    EXPECT_TRUE(issued.ok()) << issued.error().message;
    return *std::move(issued);
  }
  KeyStore open() const {
    auto store = KeyStore::open(file_);
    EXPECT_TRUE(store.ok()) << store.error().message;
    return *std::move(store);
  }
  std::string content() const {
    std::ifstream file(file_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::set<std::string> names_in_folder() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(file_.parent_path()))
      names.insert(entry.path().filename());
    return names;
  }

  fs::path folder_ = fs::temp_directory_path() / ("hearth_key_store_test_" + std::to_string(getpid()));
  fs::path file_ = folder_ / "config" / "keys.json";
};

/// The same key with another digit in that place.
std::string changed(std::string key, size_t place) {
  key[place] = key[place] == '0' ? '1' : '0';
  return key;
}

TEST_F(KeyStoreTest, MembersAreSetAllOrNone) {
  ApiKey wanted;
  wanted.name = "admin";
  wanted.is_admin = true;
  wanted.concurrency = 2;
  ASSERT_TRUE(create_key(file_, wanted).ok());
  const std::string id = create("one").key.id;
  using Json = nlohmann::ordered_json;
  const Json given = {{"name", "two"}, {"requestsPerMinute", 7}, {"models", {"chat"}}, {"priority", 3}};
  const auto set = set_key_members(file_, id, given);
  ASSERT_TRUE(set.ok()) << set.error().message;
  EXPECT_EQ(set->name, "two");
  EXPECT_EQ(set->requests_per_minute, 7);
  EXPECT_THAT(set->models, ElementsAre("chat"));
  const auto back = set_key_members(file_, id, {{"models", nullptr}, {"requestsPerMinute", nullptr}});
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_TRUE(back->models.empty());
  EXPECT_EQ(back->requests_per_minute, std::nullopt);
  EXPECT_EQ(back->priority, 3);
  const std::string before = content();
  for (const Json& wrong :
       {Json{{"name", "three"}, {"priority", 1001}}, Json{{"sha256", std::string(64, '0')}},
        Json{{"scopes", nullptr}}, Json{{"unknown", 1}}}) {
    EXPECT_EQ(set_key_members(file_, id, wrong).error().code, ErrorCode::kInvalidArgument) << wrong;
  }
  EXPECT_EQ(content(), before);
}

TEST_F(KeyStoreTest, ALastKeyThatManagesTheServerStays) {
  ApiKey wanted;
  wanted.name = "admin";
  wanted.is_admin = true;
  const auto admin = create_key(file_, wanted);
  ASSERT_TRUE(admin.ok());
  create("one");
  const auto left = set_key_members(file_, admin->key.id, {{"disabled", true}});
  EXPECT_THAT(left.error().message, HasSubstr("make or enable another first"));
  EXPECT_FALSE(open().keys().at(admin->key.id)->disabled);
  ASSERT_TRUE(create_key(file_, wanted).ok());
  EXPECT_TRUE(set_key_members(file_, admin->key.id, {{"scopes", {"models"}}}).ok());
}

TEST_F(KeyStoreTest, AKeyIsFoundAgainAsItIsNow) {
  const IssuedKey issued = create("one");
  ASSERT_TRUE(disable_key(file_, issued.key.id).ok());
  EXPECT_EQ(open().find_again(issued.key), nullptr);
  ASSERT_TRUE(enable_key(file_, issued.key.id).ok());
  EXPECT_EQ(open().find_again(issued.key)->name, "one");
  ASSERT_TRUE(rotate_key(file_, issued.key.id).ok());
  EXPECT_EQ(open().find_again(issued.key), nullptr);
}

TEST_F(KeyStoreTest, FindsAKeyByWhatItsCallerPresents) {
  const IssuedKey first = create("first");
  const IssuedKey second = create("second");
  EXPECT_THAT(first.secret, MatchesRegex("sk-hearth-[0-9a-f]{8}-[0-9a-f]{64}"));
  const KeyStore store = open();
  ASSERT_NE(store.find(first.secret), nullptr);
  EXPECT_EQ(store.find(first.secret)->name, "first");
  EXPECT_EQ(store.find(second.secret)->id, second.key.id);
}

TEST_F(KeyStoreTest, FindsNothingForWhatIsNoKey) {
  const std::string secret = create("first").secret;
  const std::string id_of_another = create("second").key.id;
  const KeyStore store = open();
  for (size_t place = 0; place < secret.size(); ++place) {
    EXPECT_EQ(store.find(changed(secret, place)), nullptr) << place;
  }
  EXPECT_EQ(store.find(""), nullptr);
  EXPECT_EQ(store.find(secret.substr(0, secret.size() - 1)), nullptr);
  EXPECT_EQ(store.find(secret + "0"), nullptr);
  EXPECT_EQ(store.find(secret + std::string(1, '\0')), nullptr);
  std::string mixed = secret;
  mixed.replace(10, 8, id_of_another);
  EXPECT_EQ(store.find(mixed), nullptr);
}

TEST_F(KeyStoreTest, KeepsNoSecretAndShowsItsFileToItsOwnerOnly) {
  const IssuedKey issued = create("first");
  EXPECT_THAT(content(), Not(HasSubstr(issued.secret.substr(19))));
  EXPECT_EQ(fs::status(file_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_THAT(names_in_folder(), ElementsAre("keys.json", "keys.json.lock"));
}

TEST_F(KeyStoreTest, SeesChangesWithoutBeingOpenedAgain) {
  const IssuedKey first = create("first");
  KeyStore store = open();
  EXPECT_FALSE(*store.refresh());
  const IssuedKey second = create("second");
  EXPECT_EQ(store.find(second.secret), nullptr);
  EXPECT_TRUE(*store.refresh());
  EXPECT_NE(store.find(second.secret), nullptr);
  EXPECT_FALSE(*store.refresh());

  ASSERT_TRUE(disable_key(file_, first.key.id).ok());
  ASSERT_TRUE(*store.refresh());
  EXPECT_EQ(store.find(first.secret), nullptr);
  EXPECT_TRUE(store.keys().at(first.key.id)->disabled);
  ASSERT_TRUE(enable_key(file_, first.key.id).ok());
  ASSERT_TRUE(*store.refresh());
  EXPECT_NE(store.find(first.secret), nullptr);
}

TEST_F(KeyStoreTest, KeepsWhoIsInUseWhileItChanges) {
  const IssuedKey issued = create("first");
  KeyStore store = open();
  const auto key = store.find(issued.secret);
  std::ofstream(file_) << R"({"version": 1, "keys": []})";
  ASSERT_TRUE(*store.refresh());
  EXPECT_TRUE(store.keys().empty());
  EXPECT_EQ(key->name, "first");
}

TEST_F(KeyStoreTest, GivesANewSecretToTheSameKey) {
  const IssuedKey old = create("first");
  const auto rotated = rotate_key(file_, old.key.id);
  ASSERT_TRUE(rotated.ok()) << rotated.error().message;
  EXPECT_EQ(rotated->key.id, old.key.id);
  EXPECT_EQ(rotated->key.tenant, old.key.tenant);
  const KeyStore store = open();
  EXPECT_EQ(store.find(old.secret), nullptr);
  EXPECT_NE(store.find(rotated->secret), nullptr);
}

TEST_F(KeyStoreTest, StaysAsItWasWhereTheFileIsBroken) {
  const IssuedKey issued = create("first");
  KeyStore store = open();
  const std::string whole = content();
  std::ofstream(file_) << "{";
  const auto refreshed = store.refresh();
  ASSERT_FALSE(refreshed.ok());
  EXPECT_THAT(refreshed.error().message, HasSubstr("keys.json"));
  EXPECT_NE(store.find(issued.secret), nullptr);
  EXPECT_FALSE(*store.refresh()) << "it is told once";
  EXPECT_FALSE(rotate_key(file_, issued.key.id).ok());
  EXPECT_EQ(content(), "{") << "what cannot be read is not written over";
  fs::remove(file_);
  EXPECT_EQ(store.refresh().error().code, ErrorCode::kNotFound);
  EXPECT_NE(store.find(issued.secret), nullptr);
  std::ofstream(file_) << whole;
  EXPECT_TRUE(*store.refresh());
}

TEST_F(KeyStoreTest, SaysWhatItDoesNotFind) {
  EXPECT_EQ(KeyStore::open(file_).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(disable_key(file_, "00000000").error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(fs::exists(folder_)) << "nothing is made where nothing is found";
  create("first");
  const auto none = disable_key(file_, "zzz");
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(none.error().message, HasSubstr("no key with the id 'zzz'"));
}

TEST_F(KeyStoreTest, KeepsAllThatAKeyMayDo) {
  ApiKey wanted;
  wanted.name = "caf\xc3\xa9 \"1\"";
  wanted.tenant = "acme";
  wanted.uses_models = false;
  wanted.is_admin = true;
  wanted.models = {"chat", "embed"};
  wanted.requests_per_minute = 60;
  wanted.tokens_per_minute = 0;
  wanted.priority = -5;
  ASSERT_TRUE(create_key(file_, wanted).ok());
  const auto keys = read_keys_file(file_);
  ASSERT_TRUE(keys.ok()) << keys.error().message;
  const ApiKey& key = keys->at(0);
  EXPECT_EQ(key.name, wanted.name);
  EXPECT_EQ(key.tenant, "acme");
  EXPECT_FALSE(key.uses_models);
  EXPECT_TRUE(key.is_admin);
  EXPECT_EQ(key.models, wanted.models);
  EXPECT_EQ(key.requests_per_minute, 60);
  EXPECT_EQ(key.tokens_per_minute, 0);
  EXPECT_EQ(key.concurrency, std::nullopt);
  EXPECT_EQ(key.priority, -5);
  EXPECT_THAT(key.created, MatchesRegex("20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"));
  EXPECT_EQ(write_keys(*keys), content());
}

TEST_F(KeyStoreTest, MakesEachKeyATenantUnlessTold) {
  const IssuedKey first = create("first");
  const IssuedKey second = create("second");
  EXPECT_EQ(first.key.tenant, first.key.id);
  EXPECT_NE(first.key.tenant, second.key.tenant);
}

TEST_F(KeyStoreTest, RefusesToMakeWhatItCouldNotRead) {
  ApiKey nameless;
  EXPECT_EQ(create_key(file_, nameless).error().code, ErrorCode::kInvalidArgument);
  ApiKey hasty;
  hasty.name = "hasty";
  hasty.requests_per_minute = -1;
  EXPECT_THAT(create_key(file_, hasty).error().message,
              HasSubstr("requestsPerMinute must be a whole number"));
  EXPECT_FALSE(fs::exists(file_));
}

TEST_F(KeyStoreTest, TakesChangesThatComeAtOnceOneAfterTheOther) {
  constexpr int kEach = 8;
  const auto add_some = [&] {
    for (int i = 0; i < kEach; ++i) create("one");
  };
  std::thread other(add_some);
  add_some();
  other.join();
  EXPECT_EQ(open().keys().size(), 2U * kEach);
}

TEST_F(KeyStoreTest, LosesNothingWhereAWriterIsKilled) {
  const IssuedKey first = create("first");
  size_t before = 1;
  for (int round = 0; round < 10; ++round) {
    const pid_t writer = fork();
    if (writer == 0) {
      for (;;) create("another");
    }
    usleep(3000 + 1700 * round);
    kill(writer, SIGKILL);
    waitpid(writer, nullptr, 0);
    const KeyStore store = open();
    ASSERT_GE(store.keys().size(), before);
    ASSERT_NE(store.find(first.secret), nullptr);
    before = store.keys().size();
  }
  create("last");
  EXPECT_THAT(names_in_folder(), ElementsAre("keys.json", "keys.json.lock")) << "no leftovers stay";
}

TEST(KeyFile, SaysWhatIsWrongAndWhere) {
  const auto refusal = [](const std::string& text) {
    const auto keys = parse_keys(text, "keys.json");
    return keys.ok() ? "" : keys.error().message;
  };
  const std::string good =
      R"("id": "0123abcd", "name": "n", "tenant": "t", "created": "c", "scopes": ["models"], "sha256": ")" +
      std::string(64, 'a') + "\"";
  const auto with = [&](const std::string& more) {
    return refusal(R"({"version": 1, "keys": [{)" + good + more + "}]}");
  };
  EXPECT_EQ(with(""), "");
  EXPECT_EQ(with(R"(, "colour": 1)"), "keys.json: keys[0] has 'colour', which this version does not know");
  EXPECT_EQ(with(R"(, "priority": 2000)"),
            "keys.json: keys[0].priority must be a whole number from -1000 to 1000");
  EXPECT_EQ(with(R"(, "priority": 1e2)"),
            "keys.json: keys[0].priority must be a whole number from -1000 to 1000");
  EXPECT_EQ(with(R"(, "sha256": "AA")"), "keys.json: keys[0].sha256 must be 64 hexadecimal digits");
  EXPECT_EQ(with(R"(, "scopes": ["root"])"), "keys.json: keys[0].scopes must be a list of models and admin");
  EXPECT_THAT(with(R"(, "name": "a\nb")"), HasSubstr("keys[0].name must be a text"));
  EXPECT_THAT(with(R"(, "concurrency": 18446744073709551616)"), HasSubstr("keys[0].concurrency must be"));
  EXPECT_EQ(refusal(R"({"version": 1, "keys": [{}]})"), "keys.json: keys[0].id is missing");
  EXPECT_EQ(refusal(R"({"version": 1, "keys": [3]})"), "keys.json: keys[0] is no object");
  EXPECT_EQ(refusal(R"({"version": 1, "keys": [{)" + good + "}, {" + good + "}]}"),
            "keys.json: keys[1] has the id 0123abcd of another");
  for (const char* wrong : {"[]", "{}", R"({"version": 2, "keys": []})", R"({"version": 1, "keys": {}})"}) {
    EXPECT_THAT(refusal(wrong), HasSubstr("is no file of keys"));
  }
  EXPECT_THAT(refusal("{\"version\": 1,\n \"keys\" []}"), HasSubstr("keys.json"));
}

TEST(ApiKey, MayUseTheModelsThatItNames) {
  ApiKey key;
  EXPECT_TRUE(key.may_use("any"));
  key.models = {"chat"};
  EXPECT_TRUE(key.may_use("chat"));
  EXPECT_FALSE(key.may_use("any"));
  key.uses_models = false;
  EXPECT_FALSE(key.may_use("chat"));
}

}  // namespace
}  // namespace hearth::serve
