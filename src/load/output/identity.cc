#include "load/output/identity.h"

#include "load/http/tls_identity.h"

#include <fmt/format.h>

namespace gantry::load {

using base::Result;

std::optional<NamedFile> named_file(const OutputVariables& variables, std::string_view name) {
  const std::optional<std::string> file = variables.text(name);
  return file ? std::optional(NamedFile{variables.full(name), *file}) : std::nullopt;
}

Result<std::string> read_file(const OutputSetup& setup, const NamedFile& named) {
  return base::with_context(setup.files.read(named.file), fmt::format("while reading the file of {}", named.variable));
}

Result<void> show_certificate(const OutputSetup& setup, const std::optional<NamedFile>& certificate,
                              const std::optional<NamedFile>& key, TlsOptions& tls) {
  if (!certificate) return {};
  if (!key)
    return base::usage_error(fmt::format("{} has no key beside it", certificate->variable),
                             "name that of its private key too");
  const std::string chain = TRY(read_file(setup, *certificate));
  const std::string text = TRY(read_file(setup, *key));
  tls.identities.push_back(TRY(
      base::with_context(TlsIdentity::parse(chain, text, "", {}), fmt::format("while reading {}", certificate->file))));
  return {};
}

}  // namespace gantry::load
