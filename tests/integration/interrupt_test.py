"""Ctrl-C and kill -9 while learning: the state stays, and --resume goes on to the same release."""
import json
import signal
import subprocess
import time
import unittest

from program import SCRIM, WEIGHTS, ScrimTest, needs_weights

LEARN = ["learn", WEIGHTS, "--dataset", "drawn", "--views", "1", "--statistics-views", "8",
         "--window", "256", "--adapt-steps", "6", "--tail-steps", "6"]


@needs_weights
class Interrupted(ScrimTest):
    def setUp(self):
        super().setUp()
        self.succeed("generate", "drawn", "--pictures", "3")

    def release_id(self, name):
        return json.loads(self.succeed("inspect", name, "--json").out)["release_id"]

    def learn_until_a_state_is_there(self, output, sent):
        """Starts learning, sends the signal once something lies beside the output."""
        before = set(self.folder.iterdir())
        process = subprocess.Popen([SCRIM, *map(str, LEARN), "--output", output], cwd=self.folder,
                                   env=self.environment(), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        while process.poll() is None and set(self.folder.iterdir()) == before:
            time.sleep(0.05)
        process.send_signal(sent)
        _, log = process.communicate()
        return process.returncode, log

    def finish(self, output):
        self.succeed(*LEARN, "--output", output, "--resume")

    def test_ctrl_c_keeps_the_state_and_says_so(self):
        code, log = self.learn_until_a_state_is_there("stopped.scrim", signal.SIGINT)
        self.assertEqual(code, 130, log)
        self.assertIn("scrim: ", log)
        self.assertFalse((self.folder / "stopped.scrim").exists())
        self.finish("stopped.scrim")
        self.succeed(*LEARN, "--output", "whole.scrim")
        self.assertEqual(self.release_id("stopped.scrim"), self.release_id("whole.scrim"))

    def test_kill_leaves_nothing_that_passes_for_a_release(self):
        code, _ = self.learn_until_a_state_is_there("killed.scrim", signal.SIGKILL)
        self.assertEqual(code, -signal.SIGKILL)
        self.assertFalse((self.folder / "killed.scrim").exists())
        self.finish("killed.scrim")
        self.succeed("inspect", "killed.scrim")


if __name__ == "__main__":
    unittest.main()
