#include "engine/base/processor_count.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace hearth {
namespace {

namespace fs = std::filesystem;

/// A machine of our own making: the files that Linux would show.
class ProcessorCount : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("hearth_processors_" + std::to_string(getpid()));
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  void write(const fs::path& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text << "\n";
  }
  void write_core(int processor, const std::string& siblings) {
    write("sys/devices/system/cpu/cpu" + std::to_string(processor) + "/topology/core_cpus_list", siblings);
  }
  int count(std::vector<int> processors) { return usable_core_count(processors, root_); }

  fs::path root_;
};

TEST_F(ProcessorCount, HyperThreadsOfOneCoreCountOnce) {
  for (int i = 0; i < 8; ++i) write_core(i, std::to_string(i % 4) + "," + std::to_string(i % 4 + 4));
  EXPECT_EQ(count({0, 1, 2, 3, 4, 5, 6, 7}), 4);
  EXPECT_EQ(count({0, 4}), 1);
  EXPECT_EQ(count({0, 5}), 2);
}

TEST_F(ProcessorCount, OldKernelsNameTheFileOtherwise) {
  write("sys/devices/system/cpu/cpu0/topology/thread_siblings_list", "0-1");
  write("sys/devices/system/cpu/cpu1/topology/thread_siblings_list", "0-1");
  EXPECT_EQ(count({0, 1}), 1);
}

TEST_F(ProcessorCount, WithoutATopologyEveryProcessorIsACore) { EXPECT_EQ(count({3, 5, 9}), 3); }

TEST_F(ProcessorCount, IsAtLeastOne) { EXPECT_EQ(count({}), 1); }

TEST_F(ProcessorCount, TheGroupsQuotaLimits) {
  write("proc/self/cgroup", "0::/box/job");
  write("sys/fs/cgroup/box/job/cpu.max", "350000 100000");
  EXPECT_EQ(count({0, 1, 2, 3, 4, 5}), 3);
  write("sys/fs/cgroup/box/job/cpu.max", "50000 100000");
  EXPECT_EQ(count({0, 1, 2, 3, 4, 5}), 1);
  write("sys/fs/cgroup/box/job/cpu.max", "max 100000");
  EXPECT_EQ(count({0, 1, 2, 3, 4, 5}), 6);
}

TEST_F(ProcessorCount, AQuotaFurtherUpLimitsToo) {
  write("proc/self/cgroup", "0::/box/job");
  write("sys/fs/cgroup/box/job/cpu.max", "400000 100000");
  write("sys/fs/cgroup/box/cpu.max", "200000 100000");
  EXPECT_EQ(count({0, 1, 2, 3, 4, 5}), 2);
}

TEST_F(ProcessorCount, OldGroupsLimitToo) {
  write("proc/self/cgroup", "5:cpu,cpuacct:/job");
  write("sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000");
  write("sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "200000");
  EXPECT_EQ(count({0, 1, 2, 3}), 2);
  write("sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "-1");
  EXPECT_EQ(count({0, 1, 2, 3}), 4);
}

TEST_F(ProcessorCount, NonsenseSetsNoLimit) {
  write("proc/self/cgroup", "0::/job");
  for (const std::string text : {"", "99999999999999999999999999 1", "1", "a b", "5 0"}) {
    write("sys/fs/cgroup/job/cpu.max", text);
    EXPECT_EQ(count({0, 1, 2, 3}), 4) << text;
  }
}

TEST(AllowedProcessors, AreNamedOnLinux) {
#if defined(__linux__)
  EXPECT_FALSE(allowed_processors().empty());
#else
  GTEST_SKIP() << "only Linux says";
#endif
}

}  // namespace
}  // namespace hearth
