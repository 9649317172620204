// What was found out about a driver is there for the next process, unless the driver or its kernels changed.
#include "engine/compute/gpu/driver_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "engine/compute/gpu/kept_record.h"

namespace hearth::gpu {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DriverRecordTest : public ::testing::Test {
 protected:
  DriverRecordTest() {
    std::filesystem::remove_all(folder_);
    setenv("HEARTH_CACHE", folder_.c_str(), 1);
  }
  ~DriverRecordTest() override {
    unsetenv("HEARTH_CACHE");
    std::filesystem::remove_all(folder_);
  }

  /// Of another name each time: records stay for as long as the process lives.
  static DeviceProperties device(const std::string& name) {
    return {.name = name, .driver = "1.0, kernels 2a", .half = true, .packed_dot = true};
  }

  std::filesystem::path folder_ = std::filesystem::path(::testing::TempDir()) / "hearth-driver-records";
};

TEST_F(DriverRecordTest, IsKept) {
  DriverRecord::of(device("kept"))->note({"norm", "rope"}, {"half"});
  EXPECT_THAT(read_record("kept", "1.0, kernels 2a"), ElementsAre("wrong half", "right norm", "right rope"));
}

TEST_F(DriverRecordTest, IsOfOneDriver) {
  write_record("updated", "0.9, kernels 2a", {"right norm"});
  EXPECT_FALSE(DriverRecord::of(device("updated"))->was_right("norm"));
  EXPECT_THAT(read_record("updated", "1.0, kernels 2a"), IsEmpty());
  EXPECT_EQ(DriverRecord::of({.name = "nameless", .driver = ""}), nullptr);
}

TEST_F(DriverRecordTest, TellsAnotherProcessWhatNotToUse) {
  write_record("known", "1.0, kernels 2a", {"wrong packed_dot", "right norm", "of another time"});
  const DriverRecord& record = *DriverRecord::of(device("known"));
  EXPECT_TRUE(record.was_right("norm"));
  EXPECT_FALSE(record.was_right("rope"));
  EXPECT_TRUE(record.trusted(device("known")).half);
  EXPECT_FALSE(record.trusted(device("known")).packed_dot);
}

TEST_F(DriverRecordTest, IsFoundOutAgainWhereItIsDamaged) {
  write_record("damaged", "1.0, kernels 2a", {"right norm"});
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder_)) {
    if (file.is_regular_file()) std::ofstream(file.path()) << "\xFF\xFEright norm\n";
  }
  EXPECT_FALSE(DriverRecord::of(device("damaged"))->was_right("norm"));
}

TEST_F(DriverRecordTest, StaysInMemoryWhereItCannotBeWritten) {
  std::ofstream(folder_) << "a file";
  DriverRecord::of(device("unwritable"))->note({"norm"}, {});
  EXPECT_TRUE(DriverRecord::of(device("unwritable"))->was_right("norm"));
  EXPECT_THAT(read_record("unwritable", "1.0, kernels 2a"), IsEmpty());
}

TEST_F(DriverRecordTest, OfADriverOnTheProcessorIsNotKept) {
  DeviceProperties software = device("software");
  software.is_software = true;
  DriverRecord::of(software)->note({"norm"}, {});
  EXPECT_TRUE(DriverRecord::of(software)->was_right("norm"));
  EXPECT_FALSE(std::filesystem::exists(folder_));
}

TEST(ExtensionsOf, AreThoseThatAKernelUses) {
  EXPECT_THAT(extensions_of("matrix_vector/type=q4_k,rows=1,packed_dot=yes,half=yes"),
              ElementsAre("half", "packed_dot"));
  EXPECT_THAT(extensions_of("bound/softly=yes"), IsEmpty());
  EXPECT_THAT(extensions_of("norm/subgroups=no"), IsEmpty());
}

}  // namespace
}  // namespace hearth::gpu
