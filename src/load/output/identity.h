#pragma once

// The certificate that an output shows whoever it sends to, from files that variables name. Private to load.

#include "load/http/tls.h"
#include "load/output/kinds.h"
#include "load/output/variables.h"

#include <optional>
#include <string>
#include <string_view>

namespace gantry::load {

// A variable that is set, and the file that it names.
struct NamedFile {
  std::string variable;
  std::string file;
};

// Nothing where the variable is not set.
std::optional<NamedFile> named_file(const OutputVariables& variables, std::string_view name);

// Errors: those of reading it.
base::Result<std::string> read_file(const OutputSetup& setup, const NamedFile& named);

// Nothing is shown where no certificate is named. Errors: usage: it has no key; those of reading the two, and of TlsIdentity::parse.
base::Result<void> show_certificate(const OutputSetup& setup, const std::optional<NamedFile>& certificate,
                                    const std::optional<NamedFile>& key, TlsOptions& tls);

}  // namespace gantry::load
