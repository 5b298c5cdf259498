#pragma once

// The cipher suites that scripts name, as programs in Go have them: IANA's names, but for two that Go named first. Private to load.

#include <span>
#include <string_view>

namespace gantry::load {

struct CipherSuite {
  std::string_view name;     // a script's: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
  std::string_view openssl;  // "ECDHE-RSA-AES128-GCM-SHA256"; "" where OpenSSL has it no more
  bool is_tls1_3 = false;    // those are always offered: nobody chooses among them
};

// In the order in which they are offered, whatever order a script has them in.
std::span<const CipherSuite> cipher_suites();
// Null where there is none.
const CipherSuite* find_cipher_suite(std::string_view name);
// Of IANA's name.
std::string_view go_name_of_cipher(std::string_view name);

}  // namespace gantry::load
