#pragma once

// Changes of files, as a reviewer reads them:
//
//   # The port of the client is mistyped.
//   == network-policies/nats.yaml
//         ports:
//   -        - {protocol: TCP, port: 4222}
//   +        - {protocol: TCP, port: 4223}
//
// Behind "== FILE" come hunks, apart from each other by an empty line: lines that stay (a space in front), that go ("-") and that come
// ("+"). What stays and goes must be in the file, word for word and once; a hunk of nothing but "+" is a new file.

#include "support/temp_dir.h"

#include <string_view>

namespace gantry::cli {

// Fails the running test where an edit does not fit, or when there is none.
void apply_edits(std::string_view edits, const test::TempDir& directory);

}  // namespace gantry::cli
