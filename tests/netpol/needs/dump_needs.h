#pragma once

// Needs as text, for tables and goldens.

#include "kube/snapshot.h"
#include "netpol/needs.h"

#include <string>
#include <string_view>

namespace gantry::netpol::test {

// "shop/web -> shop/db 5432/TCP certain", one line each, those of DNS left out; then "dangling: …".
std::string dump_flows(const kube::Snapshot& snapshot, const Needs& needs);
// All of them, each with its route and evidence beneath.
std::string dump_needs(const kube::Snapshot& snapshot, const Needs& needs);

// Of manifests; fails the running test when they cannot be read.
kube::Snapshot snapshot_of(std::string_view yaml);
std::string flows_of(std::string_view yaml, const NeedOptions& options = {});

}  // namespace gantry::netpol::test
