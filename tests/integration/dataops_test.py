"""scrim-dataops, as a person types it."""
import concurrent.futures
import http.client
import json
import os
import pathlib
import pty
import subprocess
import tempfile
import time
import unittest

from server_program import make_models

PROGRAM = os.environ["SCRIM_DATAOPS"]
ALL = ["create volume", "clone volume", "resize volume", "delete volume", "list volumes",
       "show volume", "create snapshot", "restore snapshot", "delete snapshot", "delete snapshots",
       "list snapshots", "show snapshot", "create server", "clone server", "update server",
       "start server", "stop server", "delete server", "list servers", "show server",
       "create workspace", "clone workspace", "start workspace", "stop workspace",
       "delete workspace", "list workspaces", "show workspace", "run sweep", "list runs",
       "delete run", "create transfer", "run transfer", "delete transfer", "list transfers",
       "show transfer", "create namespace", "delete namespace", "list namespaces", "create root",
       "delete root", "list lineage", "show role"]


class DataOpsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.environment = {**os.environ, "HOME": str(self.folder)}
        self.environment.pop("SCRIM_DATAOPS_ROOT", None)

    def run_words(self, *words, **more):
        return subprocess.run([PROGRAM, *words], cwd=self.folder, env=self.environment, text=True,
                              capture_output=True, stdin=subprocess.DEVNULL, check=False, **more)

    def succeed(self, line, *more):
        done = self.run_words(*line.split(), *more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def json(self, line):
        return json.loads(self.succeed(line + " --output json"))

    def refuse(self, code, part, *words):
        done = self.run_words(*words)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertIn(part, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertTrue(done.stderr.startswith("scrim-dataops: "), done.stderr)

    def fill(self):
        path = pathlib.Path(self.json("create volume data --size 1Gi")["path"])
        (path / "one").write_text("1")
        self.succeed("create snapshot snap --of data")
        return path


class Retention(DataOpsTest):
    def setUp(self):
        super().setUp()
        self.succeed("create volume data --size 1Gi")
        self.succeed("create volume other --size 1Gi")
        root = self.folder / ".local/share/scrim/default/snapshots"
        for name, day in (("a", 1), ("b", 2), ("c", 3), ("old.d", 4), ("sweep.run", 1)):
            self.succeed(f"create snapshot {name} --of data")
            record = root / name / "record.json"
            said = json.loads(record.read_text())
            said["created"] = f"2026-01-0{day}T00:00:00Z"
            record.write_text(json.dumps(said))
        self.succeed("create snapshot today --of data")
        self.succeed("create snapshot elsewhere --of other")

    def names(self):
        return [one["name"] for one in self.json("list snapshots --of data")]

    def test_the_latest_are_kept(self):
        gone = self.json("delete snapshots --of data --keep 3 --yes")
        self.assertEqual([one["name"] for one in gone], ["a", "b"])
        self.assertEqual(self.names(), ["c", "old.d", "sweep.run", "today"])
        self.assertEqual(self.json("delete snapshots --of data --keep 3 --yes"), [])

    def test_the_young_are_kept(self):
        self.succeed("delete snapshots --of data --older-than 12h --keep 0 --yes")
        self.assertEqual(self.names(), ["sweep.run", "today"])

    def test_some_by_name(self):
        self.succeed("delete snapshots --prefix old. --yes")
        self.assertEqual(self.names(), ["a", "b", "c", "sweep.run", "today"])
        self.assertEqual(len(self.json("list snapshots")), 6)

    def test_a_dry_run_and_a_question(self):
        out = self.succeed("delete snapshots --of data --keep 1 --dry-run")
        self.assertEqual(len(out.splitlines()), 5)
        self.refuse(7, "Delete 4 snapshots, from 'a' to 'old.d'?", "delete", "snapshots", "--of",
                    "data", "--keep", "1")
        self.assertEqual(len(self.names()), 6)

    def test_values(self):
        for code, part, line in (
                (2, "--of or --prefix is missing", "--keep 3"),
                (2, "says which snapshots go", "--of data"),
                (2, "not '3 weeks'", "--of data --older-than=3_weeks"),
                (2, "--keep is -1", "--of data --keep=-1"),
                (3, "there is no volume 'nosuch'", "--of nosuch --keep 3")):
            with self.subTest(line):
                words = [word.replace("_", " ") for word in line.split()]
                self.refuse(code, part, "delete", "snapshots", *words)


class ManyAtOnce(DataOpsTest):
    def test_eight_that_write_and_clone_lose_nothing(self):
        path = self.fill()
        end = time.monotonic() + float(os.environ.get("SCRIM_TEST_SECONDS", "4"))

        def work(number):
            done = 0
            while time.monotonic() < end:
                (path / f"own-{number}").write_text(str(done))
                for line in (f"clone volume own-{number} --from snapshot/snap",
                             f"create snapshot own-{number} --of own-{number}",
                             f"restore snapshot own-{number} --yes",
                             "clone volume shared --from volume/data",
                             f"delete volume own-{number} --cascade --yes",
                             "delete volume shared --yes"):
                    ran = self.run_words(*line.split())
                    own = "shared" not in line
                    self.assertIn(ran.returncode, (0,) if own else (0, 2, 3, 6, 7),
                                  f"{line}: {ran.stderr}")
                done += 1
            return done

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            rounds = list(pool.map(work, range(8)))
        self.assertTrue(all(rounds), rounds)
        names = {one["name"] for one in self.json("list volumes")}
        self.assertLessEqual(names, {"data", "shared"})
        for number, done in enumerate(rounds):
            self.assertEqual((path / f"own-{number}").read_text(), str(done - 1))
        self.succeed("restore snapshot snap --yes")
        self.assertEqual({one.name for one in path.iterdir()}, {"one"})
        self.assertEqual(list((self.folder / ".local/share/scrim/default/staging").iterdir()), [])


class Lineage(DataOpsTest):
    def test_everything_is_below_what_it_came_from(self):
        self.fill()
        self.succeed("clone volume copy --from snapshot/snap")
        self.succeed("clone volume second --from volume/copy")
        self.succeed("restore snapshot snap --yes")
        self.succeed("create workspace files --size 1Mi --mount second:/x -- "
                     "python3 -m http.server {port}")
        self.addCleanup(self.succeed, "delete workspace files --yes")
        self.assertIn("\n    copy  ", self.succeed("list lineage"))
        rows = [(one["depth"], one["name"], one["is"]) for one in self.json("list lineage")]
        self.assertEqual(rows, [
            (0, "data", ""), (1, "snap", "snapshot"), (2, "copy", "clone"),
            (3, "second", "clone"), (4, "files", "mounts it"),
            (0, "workspace-files", ""), (1, "files", "works in it")])
        self.assertEqual(self.json("show volume second")["users"], ["workspace files"])
        self.succeed("delete volume data --keep-snapshots --yes")
        self.assertEqual(self.json("list lineage")[0]["is"], "gone")


class Usage(DataOpsTest):
    def test_help_names_every_command_and_fits_a_screen(self):
        for words in ("--help", "help", ""):
            out = self.succeed(words)
            for name in ALL:
                self.assertIn(f"\n  {name} ", out)
            self.assertLessEqual(max(map(len, out.splitlines())), 100)

    def test_help_of_each_command_has_an_example_of_flags_that_exist(self):
        for name in ALL:
            out = self.succeed(f"{name} --help")
            self.assertIn(f"usage: scrim-dataops {name} ", out)
            self.assertLessEqual(max(map(len, out.splitlines())), 100, out)
            example = out.splitlines()[-1]
            self.assertIn(f"example: scrim-dataops {name}", example)
            for word in example.split():
                if word.startswith("--"):
                    self.assertIn(f"\n  {word}", out, example)
            self.assertEqual(out, self.succeed(f"help {name}"))

    def test_starts_in_a_moment(self):
        times = []
        for _ in range(20):
            start = time.perf_counter()
            self.succeed("--version")
            times.append(time.perf_counter() - start)
        self.assertLess(min(times), 0.1, "no heavy library is linked")


class Verbs(DataOpsTest):
    def test_volumes_come_are_cloned_and_go(self):
        path = self.fill()
        made = self.json("clone volume copy --from snap --label team=vision")
        self.assertTrue(made["changed"])
        self.assertEqual(made["origin"], {"kind": "snapshot", "name": "snap"})
        self.assertEqual(made["labels"], {"team": "vision"})
        self.assertEqual((pathlib.Path(made["path"]) / "one").read_text(), "1")
        again = self.json("clone volume copy --from snap --label team=vision")
        self.assertFalse(again["changed"])
        (path / "one").write_text("2")
        self.succeed("restore snapshot snap --yes")
        self.assertEqual((path / "one").read_text(), "1")
        shown = self.json("show volume data")
        self.assertEqual((shown["files"], shown["snapshots"], shown["clones"]),
                         (1, ["snap"], ["copy"]))
        self.assertEqual(self.json("show snapshot snap")["clones"], ["copy"])
        self.assertEqual(self.json("resize volume data --size 2Gi")["bytes"], 2 << 30)
        self.succeed("delete volume data --cascade --yes")
        self.assertEqual([one["name"] for one in self.json("list volumes")], ["copy"])
        self.assertEqual(self.json("list snapshots"), [])

    def test_tables_have_titles_and_yaml_is_read_by_others(self):
        self.fill()
        titles, row = self.succeed("list volumes").splitlines()
        self.assertEqual(titles.split(), ["NAME", "SIZE", "CREATED", "FROM", "PATH"])
        self.assertEqual(row.split()[:2], ["data", "1Gi"])
        yaml = self.succeed("show volume data --output yaml")
        self.assertIn('name: "data"\n', yaml)
        self.assertIn("bytes: 1073741824\n", yaml)

    def test_a_dry_run_changes_nothing(self):
        self.succeed("create volume data --size 1Gi --dry-run")
        self.assertFalse((self.folder / ".local").exists())
        path = self.fill()
        (path / "one").write_text("2")
        for line in ("clone volume copy --from snap", "restore snapshot snap",
                     "resize volume data --size 5Gi", "delete snapshot snap",
                     "delete volume data --cascade", "create snapshot other --of data"):
            self.succeed(line + " --dry-run")
        self.assertEqual([one["bytes"] for one in self.json("list volumes")], [1 << 30])
        self.assertEqual(len(self.json("list snapshots")), 1)
        self.assertEqual((path / "one").read_text(), "2")

    def test_namespaces_keep_names_apart(self):
        self.succeed("create namespace inference")
        self.succeed("create volume data --size 1Gi --namespace inference")
        self.assertEqual(self.json("list volumes"), [])
        self.assertEqual([one["name"] for one in self.json("list namespaces")],
                         ["default", "inference"])
        self.refuse(7, "holds volumes", "delete", "namespace", "inference", "--yes")
        self.succeed("delete volume data --namespace inference --yes")
        self.succeed("delete namespace inference --yes")

    def test_the_root_is_where_it_is_said_to_be(self):
        self.environment["SCRIM_DATAOPS_ROOT"] = str(self.folder / "from-variable")
        self.assertIn("from-variable", self.json("create volume data --size 1")["path"])
        made = self.json("create volume data --size 1 --root from-flag")
        self.assertIn("from-flag", made["path"])

    def test_a_person_is_asked(self):
        self.fill()
        for answer, code, left in (("n\n", 7, 1), ("y\n", 0, 0)):
            ours, theirs = pty.openpty()
            os.write(ours, answer.encode())
            done = subprocess.run([PROGRAM, "delete", "volume", "data", "--keep-snapshots"],
                                  env=self.environment, stdin=theirs, capture_output=True,
                                  text=True, check=False)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn("Delete volume 'data' and its files? [y/N] ", done.stderr)
            self.assertEqual(len(self.json("list volumes")), left)
            os.close(ours)
            os.close(theirs)


class Toolkit(DataOpsTest):
    def test_its_command_lines_work(self):
        self.succeed("create namespace inference")
        self.succeed("create volume --namespace=inference --pvc-name=data --size=50Gi")
        self.succeed("create pvc -n inference -p data -s 50Gi")
        self.succeed("create volume-snapshot -p data -s snap -n inference")
        self.succeed("clone volume --new-pvc-name=one --source-snapshot-name=snap -n inference")
        self.succeed("clone vol -p two -v data -n inference")
        volumes = self.json("ls volumes -n inference")
        self.assertEqual([(one["name"], one.get("origin", {}).get("kind")) for one in volumes],
                         [("data", None), ("one", "snapshot"), ("two", "volume")])
        self.assertEqual(len(self.json("list volume-snapshots -p data -n inference")), 1)
        self.succeed("restore volume-snapshot -s snap -f -n inference")
        self.succeed("del volume --pvc-name data --force --preserve-snapshots -n inference")
        self.succeed("rm volume-snapshot -s snap -f -n inference")
        self.refuse(2, "--class fast is of a cluster", "create", "volume", "-p", "x", "-s", "1Gi",
                    "--storage-class=fast")


class Servers(DataOpsTest):
    def setUp(self):
        super().setUp()
        self.environment["PATH"] = f"{pathlib.Path(PROGRAM).parent}:{os.environ['PATH']}"
        models = pathlib.Path(self.json("create volume models --size 1Gi")["path"])
        make_models(models)
        self.addCleanup(self.run_words, "delete", "server", "one", "--yes")

    def status(self, server, path):
        connection = http.client.HTTPConnection(server["http"], timeout=10)
        connection.request("GET", path)
        return connection.getresponse().status

    def test_a_server_goes_on_when_the_tool_has_ended(self):
        made = self.json("create server one --model-repository models")
        self.assertEqual((made["state"], made["changed"]), ("ready", True))
        self.assertEqual(self.status(made, "/v2/health/ready"), 200)
        self.assertFalse(self.json("create server one --model-repository models")["changed"])
        self.assertEqual(self.json("list servers")[0]["state"], "ready")
        self.refuse(7, "server 'one'", "delete", "volume", "models", "--yes")
        os.kill(made["process"], 9)
        for _ in range(200):
            shown = self.json("show server one")
            if shown["state"] == "ready" and shown["process"] != made["process"]:
                break
            time.sleep(0.1)
        self.assertEqual(self.status(shown, "/v2/health/ready"), 200)
        self.assertEqual(self.json("stop server one")["state"], "stopped")
        self.assertEqual(self.json("start server one")["http"], made["http"])
        self.succeed("delete server one --yes")
        self.assertEqual(self.json("list servers"), [])

    def test_the_toolkits_command_line_works(self):
        self.succeed("create triton-server --server-name=one --model-repo-pvc-name=models")
        self.assertEqual(len(self.json("list triton-servers")), 1)
        self.succeed("delete triton-server -s one -f")

    def test_what_cannot_be_is_named(self):
        self.refuse(2, "--model-repository is missing", "create", "server", "one")
        self.refuse(3, "no volume 'none'", "create", "server", "one", "--model-repository", "none")
        self.refuse(3, "no program 'none'", "create", "server", "one", "--model-repository",
                    "models", "--program", "none")
        self.refuse(2, "--http-port is 70000", "create", "server", "one", "--model-repository",
                    "models", "--http-port", "70000")
        self.refuse(6, "is not ready after 1 s; its last line: ", "create", "server", "one",
                    "--model-repository", "models", "--flag=--no-such-flag", "--timeout", "1",
                    "--quiet")
        self.assertEqual(self.json("list servers"), [])


class Runs(DataOpsTest):
    def test_a_program_runs_at_each_alpha(self):
        self.fill()
        words = ("run sweep --volume data --alphas 0.2,0.9 --output json -- bash -c").split()
        script = 'cat {data}/one >&2; echo "{\\"mean_average_precision\\": {alpha}}"'
        rows = json.loads(self.succeed(" ".join(words), script))
        self.assertEqual([(row["alpha"], row["accuracy"], row["changed"]) for row in rows],
                         [("0.2", 0.2, True), ("0.9", 0.9, True)])
        again = json.loads(self.succeed(" ".join(words), script))
        self.assertFalse(again[0]["changed"])
        self.assertEqual(self.json("list runs")[0]["name"], "sweep")
        self.succeed("delete run sweep --yes")
        self.assertEqual(self.json("list runs"), [])

    def test_a_case_that_fails_is_listed(self):
        self.fill()
        done = self.run_words("run", "sweep", "--volume", "data", "--alphas", "0.2", "--", "false")
        self.assertEqual(done.returncode, 1)
        self.assertIn("case alpha-0.2 ended with 1: see ", done.stderr)
        self.assertIn("0.2", done.stdout)

    def test_what_cannot_be_run_is_named(self):
        self.fill()
        for code, part, line in (
                (2, "--volume is missing", "run sweep --release r"),
                (2, "either --release", "run sweep --volume data"),
                (2, "not '0.2,2'", "run sweep --volume data --release r --alphas 0.2,2"),
                (3, "no volume 'none'", "run sweep --volume none -- true"),
                (3, "no program 'none'", "run sweep --volume data -- none")):
            self.refuse(code, part, *line.split())


class Wrong(DataOpsTest):
    def test_values_are_named_with_their_limits(self):
        self.fill()
        for code, part, line in (
                (2, "size '-5Gi'", "create volume x --size=-5Gi"),
                (2, "--size is missing", "create volume x"),
                (2, "NAME", "create volume --size 1Gi"),
                (2, "'../x'", "create volume ../x --size 1"),
                (2, "300 characters, at most 253", f"create volume {'x' * 300} --size 1"),
                (2, "already, of 1Gi", "create volume data --size 2Gi"),
                (2, "--label is NAME=VALUE", "create volume x --size 1 --label team"),
                (2, "table, json or yaml", "list volumes --output xml"),
                (2, "--timeout is -1", "list volumes --timeout=-1"),
                (2, "exclude each other", "delete volume data --cascade --keep-snapshots --yes"),
                (2, "did you mean 'create volume'", "create volum x"),
                (2, "holds other files", "list volumes --root /usr"),
                (3, "no namespace 'prod', only default", "list volumes --namespace prod"),
                (3, "no volume 'none'", "show volume none"),
                (3, "no volume and no snapshot 'none'", "clone volume x --from none"),
                (3, "no snapshot 'none'", "restore snapshot none --yes"),
                (7, "has snapshots: snap", "delete volume data --yes"),
                (7, "nobody can be asked", "delete snapshot snap")):
            self.refuse(code, part, *line.split())
        self.assertEqual(len(self.json("list volumes")), 1)

    def test_a_name_of_both_kinds_is_asked_for(self):
        self.fill()
        self.succeed("create snapshot data --of data")
        self.refuse(2, "volume/data or snapshot/data", "clone", "volume", "x", "--from", "data")
        self.succeed("clone volume x --from snapshot/data")

    def test_a_volume_in_use_stays(self):
        path = self.fill()
        with open(path / "one", encoding="utf-8") as held:
            self.refuse(7, f"(pid {os.getpid()})", "restore", "snapshot", "snap", "--yes")
            self.assertEqual(held.read(), "1")


if __name__ == "__main__":
    unittest.main()
