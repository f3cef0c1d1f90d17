"""The test check finds sources without a test, and tests that nobody runs."""
import unittest

from tree import TreeTest


class CheckTests(TreeTest):
    script = "check_tests"

    def test_accepts_a_unit_with_a_test_that_runs(self):
        self.write("src/base/files.cc")
        self.write("tests/base/files_test.cc")
        self.write("tests/base/CMakeLists.txt", "scrim_test(base files_test)\n")
        self.assert_passes()

    def test_names_a_unit_without_a_test(self):
        self.write("src/base/files.cc")
        self.assert_fails("src/base/files.cc: no tests/base/files_test.cc")

    def test_names_a_test_that_is_not_run(self):
        self.write("src/base/files.cc")
        self.write("tests/base/files_test.cc")
        self.write("tests/base/CMakeLists.txt", "scrim_test(base other_files_test)\n")
        self.assert_fails("its test is not named in tests/base/CMakeLists.txt")

    def test_a_cuda_source_shares_the_test_of_its_kernel(self):
        self.write("src/kernels/add_noise_cuda.cu")
        self.assert_passes()


if __name__ == "__main__":
    unittest.main()
