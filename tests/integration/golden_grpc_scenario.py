"""Every recorded gRPC answer of a real Triton, asked again: code, sentence and message are equal,
but for what is out of scope. Run by the client's own interpreter:
golden_grpc_scenario.py HOST:PORT RECORDED"""
import json
import sys

import grpc
from google.protobuf import json_format
from tritonclient.grpc import service_pb2

# What is left out on purpose, with the code that comes instead.
OUT_OF_SCOPE = {"log": "UNIMPLEMENTED"}


def messages_of(rpc):
    method = service_pb2.DESCRIPTOR.services_by_name["GRPCInferenceService"].methods_by_name[
        rpc.rsplit("/", 1)[1]]
    return (getattr(service_pb2, method.input_type.name),
            getattr(service_pb2, method.output_type.name))


def ask(channel, line):
    """Code, sentence and message of one answer."""
    request_type, response_type = messages_of(line["rpc"])
    request = json_format.ParseDict(line["request"], request_type())
    call = channel.unary_unary(line["rpc"], request_serializer=request_type.SerializeToString,
                               response_deserializer=response_type.FromString)
    try:
        response = call(request, timeout=30)
    except grpc.RpcError as error:
        return error.code().name, error.details(), None
    return "OK", None, json_format.MessageToDict(response, preserving_proto_field_name=True)


def compare(channel, line):
    """"equal" or "out of scope"; otherwise a sentence that tells the difference."""
    code, details, response = ask(channel, line)
    if line["label"] in OUT_OF_SCOPE:
        wanted = OUT_OF_SCOPE[line["label"]]
        return "out of scope" if code == wanted else f"{line['label']}: {code}, not {wanted}"
    found = {"code": code, "details": details, "response": response}
    wanted = {key: line.get(key) for key in found}
    return "equal" if found == wanted else f"{line['label']}: {found}, not {wanted}"


def main():
    url, recorded = sys.argv[1:]
    with open(recorded, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    lines = [line for line in lines if line["set"].startswith("C")]
    with grpc.insecure_channel(url) as channel:
        results = [compare(channel, line) for line in lines]
    differences = [one for one in results if one not in ("equal", "out of scope")]
    print(f"set C: {results.count('equal')} equal, {results.count('out of scope')} out of scope")
    print("\n".join(differences), end="\n" if differences else "")
    return 1 if differences or results.count("equal") < 20 else 0


if __name__ == "__main__":
    sys.exit(main())
