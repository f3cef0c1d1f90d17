"""`scrim-server` as an operator meets it: flags, ports, signals, wrong inputs, load."""
import http.client
import json
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from server_program import SERVER, Server, make_models


def request(values, **changes):
    return json.dumps({"inputs": [{"name": "INPUT0", "shape": [1, len(values)],
                                   "datatype": "FP32", "data": values}], **changes})


class ServerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="scrim-models-")
        cls.addClassCleanup(folder.cleanup)
        cls.models = pathlib.Path(folder.name)
        make_models(cls.models, more=True)

    def repository(self, *names):
        """A repository of some of the models."""
        folder = tempfile.TemporaryDirectory(prefix="scrim-models-")
        self.addCleanup(folder.cleanup)
        for name in names:
            shutil.copytree(self.models / name, pathlib.Path(folder.name) / name)
        return pathlib.Path(folder.name)

    def refuse(self, code, part, *flags):
        done = subprocess.run([SERVER, *map(str, flags)], capture_output=True, text=True,
                              timeout=60, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertIn(part, done.stderr)
        self.assertNotIn("terminate called", done.stderr)

    def test_help_fits_two_screens_and_wrong_flags_are_named(self):
        done = subprocess.run([SERVER, "--help"], capture_output=True, text=True, check=True)
        self.assertLess(len(done.stdout.splitlines()), 100)
        repository = ("--model-repository", self.repository())
        self.refuse(2, "--model-repository is required")
        self.refuse(2, "--flavour", *repository, "--flavour=1")
        self.refuse(2, "not none, explicit or poll", *repository, "--model-control-mode=sometimes")
        self.refuse(2, "--http-port is 70000, not 0 to 65535", *repository, "--http-port=70000")
        self.refuse(2, "belong together", *repository, "--tls-certificate=x")
        self.refuse(3, "is no folder", "--model-repository=/nowhere")
        self.refuse(3, "'/nowhere.pem' cannot be read", *repository,
                    "--tls-certificate=/nowhere.pem", "--tls-private-key=/nowhere.pem")

    def test_a_restricted_group_needs_its_header(self):
        with Server("--model-repository", self.repository("simple"),
                    "--http-restricted-api=statistics:admin-key=secret") as server:
            path = "/v2/models/simple/stats"
            answer = server.ask("GET", path)
            self.assertEqual(answer.status, 403)
            self.assertEqual(json.loads(answer.body),
                             {"error": "This API is restricted, expecting header 'admin-key'"})
            self.assertEqual(server.ask("GET", path, headers={"Admin-Key": "secret"}).status, 200)
            self.assertEqual(server.ask("GET", "/v2/health/ready").status, 200)

    def test_two_servers_on_one_port_leave_the_first(self):
        repository = self.repository("simple")
        with Server("--model-repository", repository) as server:
            self.refuse(6, "cannot listen on", "--model-repository", repository,
                        "--http-port", server.ports["http"])
            self.assertEqual(server.ask("GET", "/v2/health/ready").status, 200)

    def test_a_file_replaced_while_it_is_served_changes_nothing(self):
        repository = self.repository("simple", "identity_fp32")
        with Server("--model-repository", repository) as server:
            for change in (lambda path: path.write_bytes(b"junk"), lambda path: path.unlink(),
                           lambda path: shutil.rmtree(path.parents[1])):
                change(repository / "identity_fp32/1/model.pt")
                answer = server.ask("POST", "/v2/models/identity_fp32/infer", request([1]))
                self.assertEqual(answer.status, 200)

    def test_a_killed_server_starts_again_on_its_port(self):
        repository = self.repository("identity_fp32")
        with Server("--model-repository", repository) as server:
            port = server.ports["http"]
            kept = http.client.HTTPConnection("127.0.0.1", port)
            self.addCleanup(kept.close)
            kept.request("POST", "/v2/models/identity_fp32/infer", request([1]))
            self.assertEqual(kept.getresponse().status, 200)
            server.process.kill()
            server.process.wait(30)
        with Server("--model-repository", repository, f"--http-port={port}") as server:
            self.assertEqual(server.ports["http"], port)
            answer = server.ask("POST", "/v2/models/identity_fp32/infer", request([1]))
            self.assertEqual(answer.status, 200)

    def test_a_log_that_is_full_stops_nothing(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        words = [SERVER, "--model-repository", self.repository("identity_fp32"),
                 f"--http-port={port}", "--allow-grpc=false", "--allow-metrics=false"]
        with open("/dev/full", "w", encoding="utf-8") as full:
            process = subprocess.Popen(list(map(str, words)), stderr=full, stdout=full)
        try:
            status = 0
            deadline = time.monotonic() + 30
            while status != 200 and time.monotonic() < deadline:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                try:
                    connection.request("POST", "/v2/models/identity_fp32/infer", request([1]))
                    status = connection.getresponse().status
                except ConnectionError:
                    time.sleep(0.05)
                finally:
                    connection.close()
            self.assertEqual(status, 200)
        finally:
            process.terminate()
            self.assertEqual(process.wait(30), 0)

    def test_a_broken_model_ends_the_start_unless_told_otherwise(self):
        repository = self.repository("simple", "identity_fp32")
        (repository / "simple/1/model.pt").write_bytes(b"junk")
        self.refuse(6, "failed to load 1 model: 'simple'", "--model-repository", repository,
                    "--http-port=0", "--grpc-port=0", "--metrics-port=0")
        with Server("--model-repository", repository, "--exit-on-error=false") as server:
            self.assertEqual(server.ask("GET", "/v2/health/ready").status, 400)
            self.assertEqual(server.ask("GET", "/v2/models/identity_fp32/ready").status, 200)

    def test_every_datatype_travels_in_binary_and_strings_in_both(self):
        with Server("--model-repository", self.models) as server:
            for name, size in (("BOOL", 1), ("UINT8", 1), ("INT8", 1), ("INT16", 2), ("INT64", 8),
                               ("FP16", 2), ("FP64", 8), ("BF16", 2)):
                data = bytes([1, 0] * size)
                head = json.dumps({"inputs": [{
                    "name": "INPUT0", "shape": [1, 2], "datatype": name,
                    "parameters": {"binary_data_size": len(data)}}],
                    "parameters": {"binary_data_output": True}}).encode()
                answer = server.ask("POST", f"/v2/models/identity_{name}/infer", head + data,
                                    {"Inference-Header-Content-Length": str(len(head))})
                self.assertEqual(answer.status, 200, answer.body)
                length = int(answer.headers["inference-header-content-length"])
                self.assertEqual(answer.body[length:], data, name)
            answer = server.ask("POST", "/v2/models/strings/infer", json.dumps({"inputs": [{
                "name": "INPUT0", "shape": [2], "datatype": "BYTES", "data": ["a", "b c"]}]}))
            self.assertEqual(json.loads(answer.body)["outputs"][0]["data"], ["a!", "b c!"])

    def test_a_model_that_throws_says_nothing_of_itself_and_others_answer(self):
        with Server("--model-repository", self.models) as server:
            body = json.dumps({"inputs": [{"name": "INPUT0", "shape": [1], "datatype": "FP32",
                                           "data": [1]}]})
            answer = server.ask("POST", "/v2/models/throws/infer", body)
            self.assertEqual(answer.status, 500)
            self.assertEqual(json.loads(answer.body),
                             {"error": "model 'throws' failed while it ran"})
            self.assertIn("a secret of the model", server.log())
            self.assertEqual(server.ask("POST", "/v2/models/identity_fp32/infer",
                                        request([1])).status, 200)

    def test_the_queue_refuses_and_time_runs_out(self):
        with Server("--model-repository", self.models) as server:
            def answers(model, count, **changes):
                results = []
                threads = [threading.Thread(target=lambda: results.append(server.ask(
                    "POST", f"/v2/models/{model}/infer", request([1], **changes))))
                    for _ in range(count)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                return results

            refused = [a for a in answers("slow_queue_of_one", 16) if a.status == 503]
            self.assertTrue(refused)
            self.assertEqual(json.loads(refused[0].body), {"error": "Exceeds maximum queue size"})
            late = [a for a in answers("slow_timeout", 12, parameters={"timeout": 1})
                    if a.status == 503]
            self.assertTrue(late)
            self.assertEqual(json.loads(late[0].body), {"error": "Request timeout expired"})
            metrics = server.ask("GET", "/metrics", port="metrics").text()
            self.assertRegex(metrics, 'nv_inference_request_failure{model="slow_timeout",'
                                      'reason="REJECTED",version="1"} [1-9]')

    def test_company_makes_a_batch(self):
        with Server("--model-repository", self.models) as server:
            threads = [threading.Thread(target=server.ask, args=(
                "POST", "/v2/models/batched/infer", request([i, i]))) for i in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            stats = json.loads(server.ask("GET", "/v2/models/batched/stats").body)
            model = stats["model_stats"][0]
            self.assertEqual(model["inference_count"], 4)
            self.assertEqual(model["execution_count"], 1)
            self.assertEqual(model["batch_stats"][0]["batch_size"], 4)

    def test_the_end_answers_what_was_accepted(self):
        with Server("--model-repository", self.models) as server:
            results = []
            threads = [threading.Thread(target=lambda: results.append(
                server.ask("POST", "/v2/models/slow/infer", request([1])).status))
                for _ in range(8)]
            for thread in threads:
                thread.start()
            # All eight are accepted once the model has run or is running, and the rest wait.
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline:
                text = server.ask("GET", "/metrics", port="metrics").text()
                waiting = int(text.split('pending_request_count{model="slow",version="1"} ')[1]
                              .split()[0])
                if waiting >= 5:
                    break
                time.sleep(0.005)
            time.sleep(0.1)
            server.process.send_signal(signal.SIGTERM)
            for thread in threads:
                thread.join()
            self.assertEqual(results, [200] * 8)
            self.assertEqual(server.process.wait(30), 0)

    def test_a_kept_connection_serves_a_thousand_requests(self):
        with Server("--model-repository", self.repository("simple", "identity_fp32")) as server:
            status = pathlib.Path(f"/proc/{server.process.pid}")
            connection = http.client.HTTPConnection("127.0.0.1", server.ports["http"])
            self.addCleanup(connection.close)

            def resident():
                line = [x for x in (status / "status").read_text().splitlines() if "VmRSS" in x][0]
                return int(line.split()[1])

            for i in range(300):
                connection.request("POST", "/v2/models/identity_fp32/infer", request([i]))
                connection.getresponse().read()
            files, memory = len(list((status / "fd").iterdir())), resident()
            for i in range(1000):
                connection.request("POST", "/v2/models/identity_fp32/infer", request([i]))
                answer = json.loads(connection.getresponse().read())
                self.assertEqual(answer["outputs"][0]["data"], [float(i)])
            self.assertEqual(len(list((status / "fd").iterdir())), files)
            self.assertLess(resident() - memory, 1024)


if __name__ == "__main__":
    unittest.main()
