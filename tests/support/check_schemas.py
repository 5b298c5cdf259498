#!/usr/bin/env python3
"""Checks kept outputs against the schemas that docs/formats/ publishes.

  check_schemas.py FORMATS FOLDER PATTERN=SCHEMA …
  check_schemas.py FORMATS --output-of SCHEMA PROGRAM ARGUMENT …

Each file of FOLDER that PATTERN matches must be as the schema says: NAME.schema.json of FORMATS, or the XML schema that is
named with its ending. What is kept is what Gantry writes, to the byte (other tests see to that), so an output that passes
here is one that users get. Published schemas let readers expect new keys; here every key must be one they name.

What differs from machine to machine is not kept: the second form looks at what a program writes to its standard output now.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import jsonschema


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


def check_json(files, schema_file):
    schema = json.loads(schema_file.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(closed(schema))
    for file in files:
        document = json.loads(file.read_text(encoding="utf-8"))
        for error in validator.iter_errors(document):
            yield f"{file}: /{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
        if not isinstance(document, dict):
            continue
        # The schema must mean something: it misses every key that is not there, and no key of ours goes unnamed.
        for key in document:
            if validator.is_valid({other: value for other, value in document.items() if other != key}):
                yield f"{file}: the schema does not miss \"{key}\""
        if validator.is_valid({**document, "unknown": 1}):
            yield f"{file}: the schema lets any key pass"


def check_xml(files, schema_file):
    command = ["xmllint", "--noout", "--nonet", "--schema", str(schema_file), *map(str, files)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        yield result.stderr


def check(formats, folder, pattern, schema):
    files = sorted(folder.glob(pattern))
    if not files:
        return [f"no {pattern} in {folder}"]
    if schema.endswith(".xsd"):
        return check_xml(files, formats / schema)
    return check_json(files, formats / f"{schema}.schema.json")


def check_output(formats, schema, command):
    result = subprocess.run(command, capture_output=True, check=False)
    if result.returncode != 0:
        return [f"{command}: ended with {result.returncode}: {result.stderr.decode(errors='replace')}"]
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "output.json"
        file.write_bytes(result.stdout)
        return list(check_json([file], formats / f"{schema}.schema.json"))


def main():
    formats, folder = map(pathlib.Path, sys.argv[1:3])
    if str(folder) == "--output-of":
        problems = check_output(formats, sys.argv[3], sys.argv[4:])
    else:
        problems = [problem for pair in sys.argv[3:] for problem in check(formats, folder, *pair.split("="))]
    print("\n".join(problems) if problems else "every output is as its schema says")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
