#!/usr/bin/env python3
"""Checks the kept reports against the schemas that docs/formats/ publishes.

  check_schemas.py FORMATS BOARDS

Every tests/report/boards/<scenario>/expected.* is what Gantry writes, to the byte (boards_test.cc), so a report that
passes here is one that users get. Published schemas let readers expect new keys; here every key must be one they name.
"""

import copy
import json
import pathlib
import subprocess
import sys

import jsonschema

JSON_FORMATS = {
    "expected.json": "board.schema.json",
    "expected-bindings.json": "bindings.schema.json",
    "expected.sarif": "sarif.schema.json",
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


def load_validator(path):
    schema = closed(json.loads(path.read_text(encoding="utf-8")))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def problems_of(validator, document):
    return [f"/{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in validator.iter_errors(document)]


def check_json(boards, file, validator):
    problems = []
    documents = sorted(boards.glob(f"*/{file}"))
    if not documents:
        problems.append(f"no {file} in {boards}")
    for path in documents:
        document = json.loads(path.read_text(encoding="utf-8"))
        problems += [f"{path}: {problem}" for problem in problems_of(validator, document)]
        # The schema must mean something: it misses every key that is not there, and no key of ours goes unnamed.
        for key in document:
            without = copy.copy(document)
            del without[key]
            if not problems_of(validator, without):
                problems.append(f"{path}: the schema does not miss \"{key}\"")
        if not problems_of(validator, {**document, "unknown": 1}):
            problems.append(f"{path}: the schema lets any key pass")
    return problems


def check_xml(boards, schema):
    documents = sorted(boards.glob("*/expected.xml"))
    if not documents:
        return [f"no expected.xml in {boards}"]
    command = ["xmllint", "--noout", "--nonet", "--schema", str(schema), *map(str, documents)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return [] if result.returncode == 0 else [result.stderr]


def main():
    formats, boards = map(pathlib.Path, sys.argv[1:3])
    problems = check_xml(boards, formats / "junit.xsd")
    for file, schema in JSON_FORMATS.items():
        problems += check_json(boards, file, load_validator(formats / schema))
    print("\n".join(problems) if problems else "every report is as its schema says")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
