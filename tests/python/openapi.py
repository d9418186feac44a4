"""Checks exchanges with the HTTP API against the document that describes it.

Reads JSON lines from standard input: first the OpenAPI document, then exchanges
`{"method": …, "path": …, "request": …, "status": …, "response": …}` with `null` for a request without a body.
The operation of each is found by its path; its status has to be documented, its response has to fit the
schema of that status without a member that the schema does not name, and where it was taken (2xx) so has its
request. Prints each difference and the operations that no exchange used; exits with 1 on any, and with 2 when
there was nothing to check.
"""

import json
import re
import sys

from jsonschema import Draft202012Validator


def operation_of(document, method, path):
    """The path template and the operation; a template without parameters goes first, as in the router."""
    for template in sorted(document["paths"], key=lambda template: template.count("{")):
        pattern = "/".join("[^/]+" if part.startswith("{") else re.escape(part) for part in template.split("/"))
        operation = document["paths"][template].get(method.lower())
        if operation and re.fullmatch(pattern, path.split("?")[0]):
            return template, operation
    return None, None


def named_only(schema, document, value, path=""):
    """Members of `value` that no part of its schema names."""
    if "$ref" in schema:
        target = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return named_only(target, document, value, path)
    parts = [part for key in ("allOf", "oneOf", "anyOf") for part in schema.get(key, [])]
    if isinstance(value, list):
        items = schema.get("items")
        inner = [named_only(items, document, item, f"{path}[{at}]") for at, item in enumerate(value)] if items else []
        return {name for names in inner for name in names}
    if not isinstance(value, dict):
        return set()
    unnamed = {f"{path}.{name}" for name in value}
    for part in parts:
        unnamed &= named_only(part, document, value, path) if describes_object(part, document) else unnamed
    for name, inner in schema.get("properties", {}).items():
        if name in value:
            unnamed.discard(f"{path}.{name}")
            unnamed |= named_only(inner, document, value[name], f"{path}.{name}")
    free = schema.get("type") == "object" and "properties" not in schema and not parts
    return set() if free else unnamed


def describes_object(schema, document):
    if "$ref" in schema:
        target = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return describes_object(target, document)
    return schema.get("type") == "object" or any(key in schema for key in ("allOf", "oneOf", "anyOf"))


def objections(document, part, value):
    schema = part["content"]["application/json"]["schema"]
    whole = {**schema, "components": document["components"]}
    found = [f"{error.json_path}: {error.message}" for error in Draft202012Validator(whole).iter_errors(value)]
    return found + [f"{name} is not in the document" for name in sorted(named_only(schema, document, value))]


def check(document, exchange):
    template, operation = operation_of(document, exchange["method"], exchange["path"])
    if operation is None:
        return None, ["no operation has this path"]
    response = operation["responses"].get(str(exchange["status"]))
    if response is None:
        return operation["operationId"], [f"status {exchange['status']} is not documented"]
    found = objections(document, response, exchange["response"])
    if exchange["request"] is not None and exchange["status"] < 300:
        found += ["request: " + one for one in objections(document, operation["requestBody"], exchange["request"])]
    return operation["operationId"], found


def main():
    lines = [json.loads(line) for line in sys.stdin if line.strip()]
    if len(lines) < 2:
        print("nothing to check")
        return 2
    document, exchanges = lines[0], lines[1:]
    used, wrong = set(), 0
    for exchange in exchanges:
        operation, found = check(document, exchange)
        used.add(operation)
        wrong += len(found)
        for one in found:
            print(f"{exchange['method']} {exchange['path']} {exchange['status']}: {one}")
    all_operations = {one["operationId"] for item in document["paths"].values() for one in item.values()}
    unused = sorted(all_operations - used)
    if unused:
        print(f"never used: {', '.join(unused)}")
    print(f"{len(exchanges)} exchanges, {wrong} differences")
    return 1 if wrong or unused else 0


if __name__ == "__main__":
    sys.exit(main())
