#pragma once

// What the other side of TLS finds wrong, in Go's words (RFC 8446, §6; IANA's TLS Alerts). Private to load.

#include <string>

namespace gantry::load {

// "tls: certificate required"; "tls: alert(200)" of one without a name.
std::string describe_tls_alert(int number);

}  // namespace gantry::load
