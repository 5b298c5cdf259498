#pragma once

// Where the module k6/secrets reads, as --secret-source says it (k6 reference, §11.10), and what keeps such values out of logs.
//
//   mock=token=abc,other=def        values of the command line itself
//   file=secrets.env                a line NAME=VALUE for each
//   file=name=prod,default,a.env    with a name, which secrets.source("prod") asks for; the default is what secrets.get() asks

#include "base/result.h"

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::load {

// Values by name, by source; the source "default" is one of the others again.
using SecretSources = std::map<std::string, std::map<std::string, std::string, std::less<>>, std::less<>>;

// `read_file` reads a file of the command line's. Errors: usage: no such kind of source, two of a name, a line without "="; those of
// `read_file`.
base::Result<SecretSources> read_secret_sources(
    std::span<const std::string> given, const std::function<base::Result<std::string>(const std::string&)>& read_file);

// The values that a script has asked for: no log has them.
class Secrets {
 public:
  explicit Secrets(SecretSources sources) : sources_(std::move(sources)) {}

  // Errors: input: no source at all, none of that name, no such value.
  base::Result<std::string_view> get(std::string_view source, std::string_view name);
  std::string redact(std::string_view text) const;

 private:
  SecretSources sources_;
  std::vector<std::string_view> told_;  // the longest first: one may be part of another
};

}  // namespace gantry::load
