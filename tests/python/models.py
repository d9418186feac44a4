"""Holds interaction models against the schema of Amazon's own model package.

Reads JSON lines from standard input, each `{"locale": ..., "model": ...}`. Every model is read into the types of
`ask-smapi-model` and written back; what does not come back equal was not part of the schema. Exits with 1 and
names locale and path of every difference. Needs the packages `ask-smapi-model` and `ask-sdk-core`.
"""

import json
import sys

from ask_sdk_core.serialize import DefaultSerializer
from ask_smapi_model.v1.skill.interaction_model.interaction_model_data import (
    InteractionModelData,
)

MISSING = object()


def differences(sent, returned, path="$"):
    """The paths at which what came back is not what was sent."""
    if isinstance(sent, dict) and isinstance(returned, dict):
        for key in sorted(sent.keys() | returned.keys()):
            yield from differences(
                sent.get(key, MISSING), returned.get(key, MISSING), f"{path}.{key}"
            )
    elif isinstance(sent, list) and isinstance(returned, list):
        if len(sent) != len(returned):
            yield f"{path}: {len(sent)} items became {len(returned)}"
        for at, (before, after) in enumerate(zip(sent, returned)):
            yield from differences(before, after, f"{path}[{at}]")
    elif returned is MISSING:
        yield f"{path}: not in the schema: {json.dumps(sent, ensure_ascii=False)}"
    elif sent is MISSING:
        yield f"{path}: required and absent: {json.dumps(returned, ensure_ascii=False)}"
    elif type(sent) is not type(returned) or sent != returned:
        yield f"{path}: {sent!r} became {returned!r}"


def round_trip(model):
    """The model as the schema's types write it."""
    serializer = DefaultSerializer()
    data = serializer.deserialize(json.dumps(model), InteractionModelData)
    return serializer.serialize(data)


def check(model):
    """Every way in which a model does not fit the schema."""
    try:
        returned = round_trip(model)
    except Exception as error:  # The serializer raises any kind.
        return [f"$: {type(error).__name__}: {error}"]
    found = list(differences(model, returned))
    language = model.get("interactionModel", {}).get("languageModel", {})
    for key in ("invocationName", "intents", "types"):
        if not language.get(key):
            found.append(f"$.interactionModel.languageModel.{key}: empty or absent")
    return found


def main(lines):
    checked, failed = 0, 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        entry = json.loads(line)
        locale = entry.get("locale", f"line {number}")
        checked += 1
        for difference in check(entry.get("model") or {}):
            failed += 1
            print(f"{locale}: {difference}", file=sys.stderr)
    print(f"{checked} models checked, {failed} differences")
    if checked == 0:
        print("no model was given", file=sys.stderr)
    return 0 if checked and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.stdin))
