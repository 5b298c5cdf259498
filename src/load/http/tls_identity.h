#pragma once

// Who a client says it is by TLS: a certificate and its key, for the hosts that are to see it (k6 reference, §5.4: tlsAuth).

#include "base/result.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct ssl_st;

namespace gantry::load {

class TlsIdentity {
 public:
  // Both PEM; the certificate may be followed by those that signed it. The password is of an encrypted key, and empty for another.
  // Errors: input: what cannot be read, a key that is another certificate's.
  static base::Result<std::shared_ptr<const TlsIdentity>> parse(const std::string& certificate, const std::string& key,
                                                                const std::string& password,
                                                                std::vector<std::string> domains);
  TlsIdentity(const TlsIdentity&) = delete;
  TlsIdentity& operator=(const TlsIdentity&) = delete;
  ~TlsIdentity();

  // All where no domains were named; else those, "*.example.com" for all below one.
  bool is_for(std::string_view host) const;
  // Shown to a server that asks.
  void apply(ssl_st* session) const;

 private:
  struct Parts;
  TlsIdentity();

  std::unique_ptr<Parts> parts_;
  std::vector<std::string> domains_ = {};
};

}  // namespace gantry::load
