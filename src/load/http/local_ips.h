#pragma once

// The addresses of this machine that connections come from, one after the other by VU: --local-ips. For targets that limit, or balance,
// by client.
//
//   const LocalIps ips = TRY(LocalIps::parse("192.168.0.10-192.168.0.25,fd:1::0/120"));
//   ips.of_vu(1).ip;  // "192.168.0.10"

#include "base/result.h"
#include "load/http/connection.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace gantry::load {

class LocalIps {
 public:
  // Addresses, ranges of them ("first-last"), and networks ("10.0.0.0/24", of which IPv4's first and last address are nobody's), with
  // commas. Errors: input: what is none of them.
  static base::Result<LocalIps> parse(std::string_view text);

  // Of port 0. By __VU: the first VU has the first; setup and teardown, which are number 0, have it too. Who comes after the last begins
  // again.
  Address of_vu(std::uint64_t number) const;

 private:
  // IPv4 within IPv6, as a number.
  __extension__ using Number = unsigned __int128;
  struct Block {
    Number first;
    Number count;
  };
  static base::Result<Block> parse_block(std::string_view text);

  std::vector<Block> blocks_ = {};
  Number count_ = 0;
};

}  // namespace gantry::load
