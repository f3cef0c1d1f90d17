"""What a client of the tech report's scenario 3 does, run by the client's own interpreter:
tritonclient_scenario.py HOST:PORT"""
import asyncio
import sys

import numpy as np
import tritonclient.http as http
import tritonclient.http.aio as aio

SHAPE = (1, 128, 32, 32)
OUTPUTS = {"OUTPUT__0": (1, 21824, 4), "OUTPUT__1": (1, 21824, 2)}


def call(client, model, activation, *, binary, module=http, **options):
    tensor = module.InferInput("INPUT__0", activation.shape, "FP32")
    tensor.set_data_from_numpy(activation, binary_data=binary)
    outputs = [module.InferRequestedOutput(name, binary_data=binary) for name in OUTPUTS]
    return client.infer(model, inputs=[tensor], outputs=outputs, **options)


def arrays(result):
    found = [result.as_numpy(name) for name in OUTPUTS]
    for array, shape in zip(found, OUTPUTS.values()):
        assert array.shape == shape, array.shape
        assert np.isfinite(array).all()
    return found


def same(left, right):
    return all(np.array_equal(a, b) for a, b in zip(left, right))


def scenario(client, model, activation):
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(model)
    metadata = client.get_model_metadata(model)
    assert metadata["platform"] == "pytorch_libtorch", metadata
    assert client.get_model_config(model)["max_batch_size"] == 0
    binary = arrays(call(client, model, activation, binary=True))
    assert same(binary, arrays(call(client, model, activation, binary=False))), "JSON differs"
    for algorithm in ("gzip", "deflate"):
        packed = call(client, model, activation, binary=True,
                      request_compression_algorithm=algorithm,
                      response_compression_algorithm=algorithm)
        assert same(binary, arrays(packed)), f"{algorithm} differs"
    tensor = http.InferInput("INPUT__0", activation.shape, "FP32")
    tensor.set_data_from_numpy(activation)
    waiting = [client.async_infer(model, inputs=[tensor]) for _ in range(4)]
    assert all(same(binary, arrays(one.get_result())) for one in waiting), "async differs"
    statistics = client.get_inference_statistics(model)["model_stats"]
    assert len(statistics) == 1 and statistics[0]["inference_count"] == 8, statistics
    return binary


async def scenario_aio(url, model, activation, expected):
    async with aio.InferenceServerClient(url) as client:
        result = await call(client, model, activation, binary=True, module=aio)
        assert same(expected, arrays(result)), "aio differs"


def main():
    url = sys.argv[1]
    draw = np.random.default_rng(1)
    clean = draw.standard_normal(SHAPE, dtype=np.float32).clip(min=0)
    noisy = clean + draw.standard_normal(SHAPE, dtype=np.float32)
    client = http.InferenceServerClient(url, concurrency=4)
    assert {one["name"] for one in client.get_model_repository_index()} == {
        "simple", "identity_fp32", "face_detection_base", "face_detection_noisy"}
    for model, activation in (("face_detection_base", clean), ("face_detection_noisy", noisy)):
        expected = scenario(client, model, activation)
        asyncio.run(scenario_aio(url, model, activation, expected))
        print(f"{model}: JSON, binary, compressed, async and aio agree")
    try:
        call(client, "nope", clean, binary=True)
    except http.InferenceServerException as error:
        assert "nope" in str(error), error
    else:
        raise AssertionError("an unknown model was answered")


if __name__ == "__main__":
    main()
