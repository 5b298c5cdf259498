#!/usr/bin/env python3
"""Checks kept JSON outputs (those of `gantry net` where no files are named) against the schemas that docs/formats/ publishes.

  check_schemas.py FORMATS FIXTURE [FILE=SCHEMA …]

Published schemas let readers expect new keys; here every key must be one they name.
"""

import json
import pathlib
import sys

import jsonschema

NET_OUTPUTS = {
    "expected.json": "net-matrix",
    "expected-pods.json": "net-matrix",
    "expected-query.json": "net-query",
    "expected-explain.json": "net-explain",
    "expected-check.json": "net-check",
    "expected-needs.json": "net-needs",
    "expected-lint.json": "net-lint",
    "expected-propose.json": "net-propose",
    "expected-diff.json": "net-diff",
}


def closed(schema):
    """The same schema, but an object may only have the keys it names."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: closed(part) for key, part in schema.items()}
    if result.get("type") == "object" and isinstance(result.get("properties"), dict):
        result["additionalProperties"] = False
    return result


def main():
    formats, fixture = map(pathlib.Path, sys.argv[1:3])
    outputs = dict(argument.split("=") for argument in sys.argv[3:]) or NET_OUTPUTS
    problems = []
    for file, name in outputs.items():
        schema = json.loads((formats / f"{name}.schema.json").read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(closed(schema))
        document = json.loads((fixture / file).read_text(encoding="utf-8"))
        for error in validator.iter_errors(document):
            problems.append(f"{file}: /{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}")
        if isinstance(document, dict):
            for key in document:
                if validator.is_valid({other: value for other, value in document.items() if other != key}):
                    problems.append(f"{file}: the schema does not miss \"{key}\"")
    print("\n".join(problems) if problems else "every output is as its schema says")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
