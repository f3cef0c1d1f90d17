// The main of every test program. The tests of a folder are one program, which parses and links
// what they share once; `--file NAME.cc` runs those of one file, in a process of their own.
#include <gmock/gmock.h>

#include <iostream>
#include <string>
#include <string_view>

namespace {

// The filter of GoogleTest that names every test of a file; empty where there is none.
std::string tests_of(std::string_view file) {
  std::string filter;
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const testing::TestSuite& suite = *all.GetTestSuite(i);
    for (int j = 0; j < suite.total_test_count(); ++j) {
      const testing::TestInfo& test = *suite.GetTestInfo(j);
      if (std::string_view(test.file()).ends_with("/" + std::string(file))) {
        filter.append(suite.name()).append(".").append(test.name()).append(":");
      }
    }
  }
  return filter;
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  if (argc == 1) return RUN_ALL_TESTS();
  if (argc != 3 || std::string_view(argv[1]) != "--file") {
    std::cerr << "usage: " << argv[0] << " [--file NAME.cc] [flags of GoogleTest]\n";
    return 2;
  }
  const std::string filter = tests_of(argv[2]);
  if (filter.empty()) {
    std::cerr << argv[0] << ": no test in " << argv[2] << "\n";
    return 2;
  }
  if (testing::GTEST_FLAG(filter) == "*") testing::GTEST_FLAG(filter) = filter;
  return RUN_ALL_TESTS();
}
