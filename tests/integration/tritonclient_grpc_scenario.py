"""What a client of the tech report's scenario 3 does over gRPC, run by the client's own
interpreter: tritonclient_grpc_scenario.py GRPC_HOST:PORT HTTP_HOST:PORT"""
import asyncio
import queue
import sys

import numpy as np
import tritonclient.grpc as grpc
import tritonclient.grpc.aio as aio
import tritonclient.http as http

SHAPE = (1, 128, 32, 32)
OUTPUTS = {"OUTPUT__0": (1, 21824, 4), "OUTPUT__1": (1, 21824, 2)}


def request(module, activation):
    tensor = module.InferInput("INPUT__0", activation.shape, "FP32")
    tensor.set_data_from_numpy(activation)
    return {"inputs": [tensor],
            "outputs": [module.InferRequestedOutput(name) for name in OUTPUTS]}


def arrays(result):
    found = [result.as_numpy(name) for name in OUTPUTS]
    for array, shape in zip(found, OUTPUTS.values()):
        assert array.shape == shape, array.shape
        assert np.isfinite(array).all()
    return found


def same(left, right):
    return all(np.array_equal(a, b) for a, b in zip(left, right))


def gathered(count, start):
    """The results of `count` calls that `start` begins with a callback."""
    results = queue.Queue()
    start(lambda result, error: results.put((result, error)))
    found = [results.get(timeout=60) for _ in range(count)]
    assert all(error is None for _, error in found), found
    return [arrays(result) for result, _ in found]


def streamed(client, model, activation, count):
    def start(callback):
        client.start_stream(callback)
        for number in range(count):
            client.async_stream_infer(model, request_id=str(number), **request(grpc, activation))
    found = gathered(count, start)
    client.stop_stream()
    return found


def scenario(client, model, activation, expected):
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(model)
    assert client.get_model_metadata(model).platform == "pytorch_libtorch"
    assert client.get_model_config(model).config.max_batch_size == 0
    assert same(expected, arrays(client.infer(model, **request(grpc, activation)))), "gRPC differs"
    packed = client.infer(model, compression_algorithm="gzip", **request(grpc, activation))
    assert same(expected, arrays(packed)), "gzip differs"

    def start(callback):
        for _ in range(4):
            client.async_infer(model, callback=callback, **request(grpc, activation))
    assert all(same(expected, one) for one in gathered(4, start)), "async differs"
    assert all(same(expected, one) for one in streamed(client, model, activation, 4)), (
        "a stream differs")
    statistics = client.get_inference_statistics(model).model_stats
    # The first of them came over HTTP.
    assert len(statistics) == 1 and statistics[0].inference_count == 11, statistics


async def scenario_aio(url, model, activation, expected):
    async with aio.InferenceServerClient(url) as client:
        result = await client.infer(model, **request(aio, activation))
        assert same(expected, arrays(result)), "aio differs"


def main():
    url, http_url = sys.argv[1:]
    draw = np.random.default_rng(1)
    clean = draw.standard_normal(SHAPE, dtype=np.float32).clip(min=0)
    noisy = clean + draw.standard_normal(SHAPE, dtype=np.float32)
    client = grpc.InferenceServerClient(url)
    names = {one.name for one in client.get_model_repository_index().models}
    assert names == {"simple", "identity_fp32", "face_detection_base", "face_detection_noisy"}
    for model, activation in (("face_detection_base", clean), ("face_detection_noisy", noisy)):
        by_http = http.InferenceServerClient(http_url)
        expected = arrays(by_http.infer(model, **request(http, activation)))
        scenario(client, model, activation, expected)
        asyncio.run(scenario_aio(url, model, activation, expected))
        print(f"{model}: gRPC, compressed, async, stream, aio and HTTP agree")
    try:
        client.infer("nope", **request(grpc, clean))
    except grpc.InferenceServerException as error:
        assert "nope" in error.message() and "NOT_FOUND" in error.status(), error
    else:
        raise AssertionError("an unknown model was answered")


if __name__ == "__main__":
    main()
