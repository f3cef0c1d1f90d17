"""Each budget passes at its limit and fails one beyond it."""
import unittest

from tree import TreeTest


MARK = "TO" + "DO"  # in two parts, since this file is checked as well


def function(lines, signature="int f(int x)"):
    """A function of that many lines, signature and closing brace counted."""
    return "\n".join([f"{signature} {{", *["  g();"] * (lines - 2), "}"]) + "\n"


class CheckBudgets(TreeTest):
    script = "check_budgets"

    def setUp(self):
        super().setUp()
        # Enough test lines for any source below.
        self.write("tests/base/x_test.cc", "\n" * 400)

    def test_sixteen_public_headers_are_enough(self):
        for number in range(16):
            self.write(f"include/scrim/h{number}.h")
        self.assert_passes()
        self.write("include/scrim/h16.h")
        self.assert_fails("17 public headers, at most 16")

    def test_length_of_files(self):
        self.write("include/scrim/a.h", "\n" * 250)
        self.write("src/base/a.cc", "\n" * 500)
        self.assert_passes()
        self.write("src/base/a.cc", "\n" * 501)
        self.assert_fails("501 lines, at most 500")
        self.write("src/base/a.cc", "")
        self.write("include/scrim/a.h", "\n" * 251)
        self.assert_fails("251 lines, at most 250")

    def test_width(self):
        self.write("src/base/a.cc", "/" * 100 + "\n")
        self.assert_passes()
        self.write("src/base/a.cc", "/" * 101 + "\n")
        self.assert_fails("line 1 is 101 wide")

    def test_length_of_functions(self):
        for signature in ("int f(int x)", "A::A(int x)\n    : a_{x}, b_(x)", "auto f() -> int",
                          "template <typename T>\nvoid f(T x) noexcept", "TEST(Noise, IsAdded)",
                          "std::function<int(int)> f(std::vector<int> v = {1, 2})"):
            extra = signature.count("\n")
            body = "namespace a {\nclass B {\n" + function(60 - extra, signature) + "};\n}\n"
            self.write("src/base/a.cc", body)
            self.assert_passes()
            body = "namespace a {\nclass B {\n" + function(61 - extra, signature) + "};\n}\n"
            self.write("src/base/a.cc", body)
            self.assert_fails("function at line 3 has 61 lines")

    def test_long_tables_and_types_are_no_functions(self):
        rows = "  {1, 2},\n" * 70
        self.write("src/base/a.cc", f"constexpr Row kRows[] = {{\n{rows}}};\n"
                   f"struct S {{\n{'  int x();' + chr(10)}{'  int y = 0;' + chr(10) * 70}}};\n")
        self.assert_passes()

    def test_braces_in_strings_and_comments_do_not_count(self):
        body = function(10).replace("g();", 'g("{", \'{\', R"({{{)"); // {', 1)
        self.write("src/base/a.cc", body + function(10) * 8)
        self.assert_passes()

    def test_conditionals_outside_kernels(self):
        self.write("src/kernels/a.cc", "#if X\n#endif\n" * 9)
        self.write("src/base/a.cc", "#ifdef X\n#endif\n" * 4)
        self.assert_passes()
        self.write("src/base/a.cc", "#ifdef X\n#endif\n" * 5)
        self.assert_fails("5 `#if` outside kernels")

    def test_a_todo_carries_a_number(self):
        self.write("src/base/a.cc", f"// {MARK}(#12): later\n")
        self.assert_passes()
        self.write("src/base/a.cc", f"// {MARK}: later\n")
        self.assert_fails("carries an issue number")

    def test_share_of_tests(self):
        self.write("src/base/a.cc", "\n" * 300)
        self.write("tests/base/x_test.cc", "\n" * 180)
        self.assert_passes()
        self.write("tests/base/x_test.cc", "\n" * 176)
        self.assert_fails("0.59 test lines per source line")


if __name__ == "__main__":
    unittest.main()
