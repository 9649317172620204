#include "apps/workflow/services/folder_store.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <thread>
#include <vector>

namespace hearth::workflow {
namespace {

namespace fs = std::filesystem;
using Json = FolderStore::Json;

class FolderStoreTest : public testing::Test {
 protected:
  FolderStoreTest()
      : folder_(fs::path(testing::TempDir()) /
                testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(folder_);
  }
  ~FolderStoreTest() override { fs::remove_all(folder_); }

  static Json ask(const FolderStore& store, const Json& request) {
    const Result<Json> answer = store.answer(request);
    EXPECT_TRUE(answer.ok()) << (answer.ok() ? "" : answer.error().message);
    return answer.ok() ? *answer : Json();
  }
  static void put(const FolderStore& store, const std::string& key, const Json& value) {
    ask(store, {{"op", "put"}, {"namespace", "n"}, {"key", key}, {"value", value}});
  }
  static Json get(const FolderStore& store, const std::string& key) {
    return ask(store, {{"op", "get"}, {"namespace", "n"}, {"key", key}});
  }
  static Json keys(const FolderStore& store, const std::string& prefix = "") {
    return ask(store, {{"op", "list"}, {"namespace", "n"}, {"prefix", prefix}})["keys"];
  }
  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
      if (entry.is_regular_file()) names.insert(fs::relative(entry.path(), folder_).string());
    }
    return names;
  }

  fs::path folder_;
};

TEST_F(FolderStoreTest, KeepsValuesForLaterOnes) {
  const Json value = {{"a", {1, 2.5, nullptr, "ä"}}};
  put(FolderStore(folder_), "key", value);
  EXPECT_EQ(get(FolderStore(folder_), "key"), (Json{{"value", value}, {"found", true}}));
  EXPECT_EQ(get(FolderStore(folder_), "other")["found"], false);
  put(FolderStore(folder_), "key", nullptr);
  EXPECT_EQ(get(FolderStore(folder_), "key"), (Json{{"value", nullptr}, {"found", true}}));
  ask(FolderStore(folder_), {{"op", "delete"}, {"namespace", "n"}, {"key", "key"}});
  EXPECT_EQ(get(FolderStore(folder_), "key")["found"], false);
  ask(FolderStore(folder_), {{"op", "delete"}, {"namespace", "n"}, {"key", "key"}});
}

TEST_F(FolderStoreTest, TakesNoKeyForAPath) {
  const FolderStore store(folder_ / "inner");
  const std::vector<std::string> odd = {"../out", "..", ".", "/etc/passwd", "a/b",
                                        "a%2Fb",  "A",  "a", "ä b",         "%"};
  for (const std::string& key : odd) put(store, key, key);
  for (const std::string& key : odd) EXPECT_EQ(get(store, key)["value"], key);
  EXPECT_EQ(keys(store), (Json{"%", ".", "..", "../out", "/etc/passwd", "A", "a", "a%2Fb", "a/b", "ä b"}));
  EXPECT_EQ(keys(store, ".."), (Json{"..", "../out"}));
  for (const std::string& file : files()) EXPECT_TRUE(file.starts_with("inner/n/")) << file;
  ask(store, {{"op", "put"}, {"namespace", "../../x"}, {"key", "k"}, {"value", 1}});
  ask(store, {{"op", "put"}, {"namespace", ""}, {"key", "k"}, {"value", 1}});
  for (const std::string& file : files()) EXPECT_TRUE(file.starts_with("inner/")) << file;
}

TEST_F(FolderStoreTest, ShowsNobodyWhatOthersKeep) {
  const FolderStore one(folder_, "one");
  const FolderStore two(folder_, "one\nmore");
  const FolderStore all(folder_);
  put(one, "key", 1);
  EXPECT_EQ(get(two, "key")["found"], false);
  EXPECT_EQ(keys(two), Json::array());
  EXPECT_EQ(get(all, "key")["found"], false);
  // A namespace is no way into the folder of another owner.
  EXPECT_EQ(ask(all, {{"op", "get"}, {"namespace", "one/n"}, {"key", "key"}})["found"], false);
  EXPECT_EQ(ask(all, {{"op", "list"}, {"namespace", "one"}})["keys"], Json::array());
}

TEST_F(FolderStoreTest, RefusesNamesThatNoFileCouldHave) {
  const FolderStore store(folder_);
  const Result<Json> answer =
      store.answer({{"op", "put"}, {"namespace", "n"}, {"key", std::string(300, 'a')}, {"value", 1}});
  EXPECT_EQ(answer.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(store.answer({{"op", "get"}, {"namespace", 3}, {"key", "a"}}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(store.answer({{"op", "swap"}}).error().code, ErrorCode::kUnsupported);
}

TEST_F(FolderStoreTest, TellsOfAFileThatIsNoValue) {
  const FolderStore store(folder_);
  put(store, "key", 1);
  std::ofstream(folder_ / "n" / "key.json") << "{";
  EXPECT_EQ(store.answer({{"op", "get"}, {"namespace", "n"}, {"key", "key"}}).error().code,
            ErrorCode::kIntegrity);
  put(store, "key", 2);
  EXPECT_EQ(get(store, "key")["value"], 2);
}

TEST_F(FolderStoreTest, PassesOverAndClearsWhatWasNotFinished) {
  const FolderStore store(folder_);
  put(store, "key", 1);
  std::ofstream(folder_ / "n" / "key.json.123.part") << "half";
  std::ofstream(folder_ / "n" / "others.part") << "half";
  EXPECT_EQ(keys(store), Json{"key"});
  clear_unfinished(folder_);
  EXPECT_EQ(files(), (std::set<std::string>{"n/key.json", "n/others.part"}));
  clear_unfinished(folder_ / "absent");
}

TEST_F(FolderStoreTest, IsWholeWhereManyWriteTheSame) {
  std::vector<std::thread> threads;
  for (int writer = 0; writer < 4; ++writer) {
    threads.emplace_back([this, writer] {
      for (int turn = 0; turn < 10; ++turn)
        put(FolderStore(folder_), "key", std::string(10'000, static_cast<char>('a' + writer)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto value = get(FolderStore(folder_), "key")["value"].get<std::string>();
  EXPECT_EQ(value, std::string(10'000, value[0]));
  EXPECT_EQ(files().size(), 1U);
}

}  // namespace
}  // namespace hearth::workflow
