#include "apps/serve/api/llama/slots.h"

#include <gtest/gtest.h>

namespace hearth::serve::llama {
namespace {

const SlotFile kSlot{{1, 2, 70000}, std::string("keys\0values", 11)};

TEST(Slots, HaveTheTextThatWasBegunLast) {
  Slots slots;
  const SlotKey key{"model", "", 1};
  EXPECT_TRUE(slots.text(key).empty());
  slots.begin(key, {1, 2})->push_back(3);
  EXPECT_EQ(slots.text(key), (SlotText{1, 2, 3}));
  slots.begin(key, {4});
  EXPECT_EQ(slots.text(key), SlotText{4});
  EXPECT_TRUE(slots.text({"model", "someone", 1}).empty());
  EXPECT_TRUE(slots.text({"other", "", 1}).empty());
}

TEST(SlotFile, ComesBackAsItWas) {
  const auto read = read_slot_file(write_slot_file(kSlot));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->text, kSlot.text);
  EXPECT_EQ(read->state, kSlot.state);
  EXPECT_TRUE(read_slot_file(write_slot_file({})).ok());
}

TEST(SlotFile, IsRefusedWhereABitOrTheEndIsMissing) {
  const std::string bytes = write_slot_file(kSlot);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(read_slot_file(bytes.substr(0, size)).error().code, ErrorCode::kIntegrity) << size;
    std::string wrong = bytes;
    wrong[size] = static_cast<char>(wrong[size] ^ 1);
    EXPECT_FALSE(read_slot_file(wrong).ok()) << size;
  }
}

}  // namespace
}  // namespace hearth::serve::llama
