"""Validates JSON against the few keywords of JSON Schema that the project's schemas use."""

TYPES = {"null": type(None), "boolean": bool, "number": (int, float), "integer": int,
         "string": str, "array": list, "object": dict}
KNOWN = {"$schema", "$defs", "$ref", "title", "type", "properties", "required",
         "additionalProperties", "items", "enum", "const", "minimum", "anyOf"}


def has_type(value, name):
    """Whether the value is of that JSON type; True and False are no numbers."""
    return isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def faults(value, schema, root=None, at="$"):
    """Each way in which `value` does not fit, as a sentence. An unknown keyword is an error."""
    root = root or schema
    unknown = set(schema) - KNOWN
    if unknown:
        raise ValueError(f"this validator does not know {sorted(unknown)}")
    if "$ref" in schema:
        yield from faults(value, root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root, at)
    if "anyOf" in schema and all(list(faults(value, one, root, at)) for one in schema["anyOf"]):
        yield f"{at} fits none of its kinds"
    if "const" in schema and value != schema["const"]:
        yield f"{at} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at} is none of {schema['enum']}"
    names = schema.get("type", [])
    names = [names] if isinstance(names, str) else names
    if names and not any(has_type(value, name) for name in names):
        yield f"{at} is no {' or '.join(names)}"
        return
    if "minimum" in schema and value is not None and value < schema["minimum"]:
        yield f"{at} is below {schema['minimum']}"
    if isinstance(value, dict):
        yield from object_faults(value, schema, root, at)
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            yield from faults(item, schema["items"], root, f"{at}[{number}]")


def object_faults(value, schema, root, at):
    """The faults of an object's members."""
    properties = schema.get("properties", {})
    for name in schema.get("required", []):
        if name not in value:
            yield f"{at}.{name} is missing"
    for name, member in value.items():
        if name in properties:
            yield from faults(member, properties[name], root, f"{at}.{name}")
        elif schema.get("additionalProperties") is False:
            yield f"{at}.{name} is not in the schema"
