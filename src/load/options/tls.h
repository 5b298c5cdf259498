#pragma once

// What a script says of TLS (k6 reference, §5): insecureSkipTLSVerify, tlsVersion, tlsCipherSuites, tlsAuth. Private to load.

#include "base/node.h"
#include "base/result.h"
#include "load/http/tls.h"

namespace gantry::load {

// Errors: input: another kind, a version or a suite that does not exist, a minimum above the maximum, no suite for the versions, a
// certificate or a key that cannot be read.
base::Result<TlsOptions> read_tls_options(const base::Node& options);

}  // namespace gantry::load
