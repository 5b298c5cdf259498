#include "load/http/cipher_suites.h"

#include <algorithm>
#include <array>

namespace gantry::load {

namespace {

// Go's order of preference: a key of its own for each connection first, then authenticated encryption, then what is left.
constexpr std::array kSuites = {CipherSuite{"TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256", true},
                                CipherSuite{"TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384", true},
                                CipherSuite{"TLS_CHACHA20_POLY1305_SHA256", "TLS_CHACHA20_POLY1305_SHA256", true},
                                CipherSuite{"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"},
                                CipherSuite{"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"},
                                CipherSuite{"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"},
                                CipherSuite{"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"},
                                CipherSuite{"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305", "ECDHE-ECDSA-CHACHA20-POLY1305"},
                                CipherSuite{"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305", "ECDHE-RSA-CHACHA20-POLY1305"},
                                CipherSuite{"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA"},
                                CipherSuite{"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"},
                                CipherSuite{"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ECDHE-ECDSA-AES256-SHA"},
                                CipherSuite{"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA"},
                                CipherSuite{"TLS_RSA_WITH_AES_128_GCM_SHA256", "AES128-GCM-SHA256"},
                                CipherSuite{"TLS_RSA_WITH_AES_256_GCM_SHA384", "AES256-GCM-SHA384"},
                                CipherSuite{"TLS_RSA_WITH_AES_128_CBC_SHA", "AES128-SHA"},
                                CipherSuite{"TLS_RSA_WITH_AES_256_CBC_SHA", "AES256-SHA"},
                                CipherSuite{"TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", ""},
                                CipherSuite{"TLS_RSA_WITH_3DES_EDE_CBC_SHA", ""},
                                CipherSuite{"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", "ECDHE-ECDSA-AES128-SHA256"},
                                CipherSuite{"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", "ECDHE-RSA-AES128-SHA256"},
                                CipherSuite{"TLS_RSA_WITH_AES_128_CBC_SHA256", "AES128-SHA256"},
                                CipherSuite{"TLS_ECDHE_ECDSA_WITH_RC4_128_SHA", ""},
                                CipherSuite{"TLS_ECDHE_RSA_WITH_RC4_128_SHA", ""},
                                CipherSuite{"TLS_RSA_WITH_RC4_128_SHA", ""}};

}  // namespace

std::span<const CipherSuite> cipher_suites() { return kSuites; }

const CipherSuite* find_cipher_suite(std::string_view name) {
  const auto* const found = std::ranges::find(kSuites, name, &CipherSuite::name);
  return found == kSuites.end() ? nullptr : found;
}

std::string_view go_name_of_cipher(std::string_view name) {
  constexpr std::string_view kEnd = "_CHACHA20_POLY1305_SHA256";
  constexpr std::string_view kHash = "_SHA256";
  if (name.starts_with("TLS_ECDHE_") && name.ends_with(kEnd)) name.remove_suffix(kHash.size());
  return name;
}

}  // namespace gantry::load
