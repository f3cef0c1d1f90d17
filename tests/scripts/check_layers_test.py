"""The layer check accepts downward includes and names every other kind."""
import unittest

from tree import TreeTest


class CheckLayers(TreeTest):
    script = "check_layers"

    def test_accepts_lower_levels_and_the_own_folder(self):
        self.write("src/noise/noise.cc", '#include "base/check.h"\n#include "noise/contract.h"\n'
                   "#include <scrim/release.h>\n#include <vector>\n")
        self.assert_passes()

    def test_refuses_two_types_of_one_name(self):
        self.write("src/data/scene.h", "struct Scene {\n};\nclass Other;\nenum class Kind {\n};\n")
        self.write("src/audit/other.h", "class Other {\n};\n")
        self.assert_passes()
        self.write("src/audit/scenes.h", "class Scene final : public Base {\n};\n")
        self.assert_fails("declares Scene, as src/audit/scenes.h does")

    def test_refuses_a_higher_level(self):
        self.write("src/base/files.cc", '#include "noise/contract.h"\n')
        self.assert_fails("base (level 0) includes noise (level 2)")

    def test_refuses_the_own_level(self):
        self.write("src/learn/learn.cc", '#include "evaluate/score.h"\n')
        self.assert_fails("learn (level 3) includes evaluate (level 3)")

    def test_refuses_a_public_header_of_a_higher_level(self):
        self.write("src/release/release.cc", "#include <scrim/noise.h>\n")
        self.assert_fails("release (level 1) includes noise (level 2)")
        self.write("include/scrim/noise.h", "#include <scrim/learn.h>\n")
        self.assert_fails("noise (level 2) includes learn (level 3)")

    def test_the_server_sees_no_noise_and_no_data(self):
        self.write("src/server/http.cc", '#include "network/run.h"\n')
        self.assert_passes()
        for folder in ("noise", "data", "learn"):
            self.write("src/server/http.cc", f'#include "{folder}/x.h"\n')
            self.assert_fails(f"server never includes {folder}")

    def test_libtorch_stays_in_three_folders(self):
        for folder in ("network", "learn", "evaluate"):
            self.write(f"src/{folder}/x.cc", "#include <torch/script.h>\n")
        self.assert_passes()
        self.write("src/noise/x.cc", "#include <ATen/ATen.h>\n")
        self.assert_fails("noise includes libtorch")

    def test_a_test_sees_what_its_folder_sees(self):
        self.write("tests/noise/noise_test.cc",
                   '#include "noise/contract.h"\n#include "base/hash.h"\n')
        self.assert_passes()
        self.write("tests/noise/noise_test.cc", '#include "learn/loop.h"\n')
        self.assert_fails("noise (level 2) includes learn (level 3)")

    def test_a_test_meets_neighbours_through_public_headers_only(self):
        self.write("tests/network/tail_test.cc", "#include <scrim/noise.h>\n")
        self.assert_passes()
        self.write("tests/network/tail_test.cc", '#include "noise/contract.h"\n')
        self.assert_fails("network (level 2) includes noise (level 2)")
        self.write("src/network/tail.cc", "#include <scrim/noise.h>\n")
        self.assert_fails("src/network/tail.cc: network (level 2) includes noise (level 2)")

    def test_tools_and_examples_see_public_headers_only(self):
        self.write("tools/scrim/main.cc", '#include <scrim/scrim.h>\n#include "verbs.h"\n')
        self.assert_passes()
        self.write("examples/01_split.cc", '#include "base/check.h"\n')
        self.assert_fails('reaches into src ("base/check.h")')

    def test_an_unknown_folder_or_header_is_named(self):
        self.write("src/util/x.cc")
        self.assert_fails("folder has no level")
        self.write("include/scrim/util.h")
        self.assert_fails("header has no owner")


if __name__ == "__main__":
    unittest.main()
