"""Checks the skill's answers against Amazon's own model of them.

Reads JSON lines `{"name": …, "response": …}` from standard input, where `response` is a whole response
envelope. Each is read into the classes of `ask_sdk_model` and written back, and every leaf must come out
as it went in: a name that the model does not know, a value outside an enumeration, a wrong type and a
`null` all differ. Prints each difference with the answer's name and the path; exits with 1 on any, and
with 2 when there was nothing to check.
"""

import json
import sys

from ask_sdk_core.exceptions import SerializationException
from ask_sdk_core.serialize import DefaultSerializer
from ask_sdk_model import ResponseEnvelope


def leaves(value, path=""):
    """Yields `(path, leaf)`; an empty object or list is a leaf of its own."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{index}]")
    else:
        yield path, value


def same(sent, read):
    """Like `==`, but `true` is not 1 and a string is never a number. 1 and 1.0 are one JSON number."""
    numbers = (int, float)
    if isinstance(sent, numbers) and isinstance(read, numbers):
        return isinstance(sent, bool) == isinstance(read, bool) and sent == read
    return type(sent) is type(read) and sent == read


def differences(response):
    """The model's objections to one response envelope, a sentence each."""
    if not isinstance(response, dict):
        return ["the envelope is not an object"]
    serializer = DefaultSerializer()
    try:
        envelope = serializer.deserialize(json.dumps(response), ResponseEnvelope)
        read_back = dict(leaves(serializer.serialize(envelope)))
    except (SerializationException, AttributeError, TypeError, ValueError) as error:
        return [f"the model refuses it: {error}"]

    sent = dict(leaves(response))
    found = []
    for path in sent.keys() | read_back.keys():
        if path not in read_back:
            found.append(f"{path}: {sent[path]!r} is unknown to the model")
        elif path not in sent:
            found.append(f"{path}: the model adds {read_back[path]!r}")
        elif not same(sent[path], read_back[path]):
            found.append(f"{path}: {sent[path]!r} is read as {read_back[path]!r}")
    return sorted(found)


def main():
    """Checks standard input; returns the exit code."""
    checked = failed = 0
    for number, line in enumerate(sys.stdin, start=1):
        if not line.strip():
            continue
        checked += 1
        name = f"line {number}"
        try:
            case = json.loads(line)
            name = case["name"]
            found = differences(case["response"])
        except (ValueError, KeyError, TypeError) as error:
            found = [f"not a line with a name and a response: {error!r}"]
        failed += bool(found)
        for difference in found:
            print(f"{name}: {difference}")

    if checked == 0:
        print("no response on standard input", file=sys.stderr)
        return 2
    print(f"{checked} responses, {failed} that Amazon's model reads otherwise", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
