// Any text as a party and as a file of claims: an error with words for it, or what is written reads back as the same.

#include "base/yaml.h"
#include "netpol/claims.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using gantry::base::Node;
using gantry::base::Result;
using gantry::netpol::Claim;
using gantry::netpol::Party;

void require(bool holds) {
  if (!holds) std::abort();
}

void require_same(const Party& party) {
  const std::string text = to_string(party);
  const Result<Party> again = Party::parse(text);
  require(again && to_string(*again) == text);
  require(again->workload == party.workload && again->range == party.range && again->name_space == party.name_space &&
          again->namespaces == party.namespaces && again->pods == party.pods);
}

void read_party(std::string_view text) {
  const Result<Party> party = Party::parse(text);
  if (party) {
    require_same(*party);
  } else {
    require(!party.error().message.empty());
  }
}

void read_claims(std::string_view text) {
  const Result<Node> document = gantry::base::load_yaml_document(text, "claims.yaml");
  if (!document) return;
  const Result<std::vector<Claim>> claims = gantry::netpol::parse_claims(*document);
  if (!claims) {
    require(!claims.error().message.empty() && claims.error().where.has_value());
    return;
  }
  for (const Claim& claim : *claims) {
    require(!claim.destinations.empty() && !to_string(claim).empty());
    for (const auto* parties : {&claim.destinations, &claim.sources, &claim.needed})
      for (const Party& party : *parties) require_same(party);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_party(text);
  read_claims(text);
  return 0;
}
