#pragma once

// One function for each rule of the catalogue; lint.cc has the table of them. Each adds what it finds and changes nothing else.

#include "netpol/lint/context.h"

namespace gantry::netpol::linting {

// selectors.cc
void find_subjects_of_nobody(const Context& context, Report& report);  // NP001
void find_peers_of_nobody(const Context& context, Report& report);     // NP002
void find_alternatives(const Context& context, Report& report);        // NP003
void find_workload_labels(const Context& context, Report& report);     // NP015
void find_labels_never_set(const Context& context, Report& report);    // NP016
void find_wrong_namespaces(const Context& context, Report& report);    // NP019
void find_contradictions(const Context& context, Report& report);      // NP021
void find_job_labels(const Context& context, Report& report);          // NP032
void find_leaked_labels(const Context& context, Report& report);       // NP034, the part that rendering does not report
void find_outside_namespaces(const Context& context, Report& report);  // NP044

// forms.cc
void find_empty_peers(const Context& context, Report& report);          // NP004
void find_dead_rules(const Context& context, Report& report);           // NP006
void find_missing_types(const Context& context, Report& report);        // NP007
void find_egress_without_type(const Context& context, Report& report);  // NP008
void find_wide_ports(const Context& context, Report& report);           // NP041

// needs.cc
void find_missing_dns(const Context& context, Report& report);                  // NP005
void find_blocked_scrapes(const Context& context, Report& report);              // NP026
void find_blocked_ingress_controllers(const Context& context, Report& report);  // NP027
void find_blocked_webhooks(const Context& context, Report& report);             // NP028
void find_blocked_api_server(const Context& context, Report& report);           // NP029
void find_separated_peers(const Context& context, Report& report);              // NP031

// ports.cc
void find_service_ports(const Context& context, Report& report);        // NP009
void find_undeclared_names(const Context& context, Report& report);     // NP010
void find_defaulted_protocols(const Context& context, Report& report);  // NP011

// addresses.cc
void find_cluster_blocks(const Context& context, Report& report);        // NP012
void find_unbounded_blocks(const Context& context, Report& report);      // NP013
void find_single_family_blocks(const Context& context, Report& report);  // NP014

// trust.cc
void find_settable_labels(const Context& context, Report& report);   // NP017
void find_forgeable_labels(const Context& context, Report& report);  // NP018
void find_host_network(const Context& context, Report& report);      // NP030

// redundancy.cc
void find_redundant(const Context& context, Report& report);  // NP020

// coverage.cc
void find_unprotected_pods(const Context& context, Report& report);      // NP023
void find_missing_default_deny(const Context& context, Report& report);  // NP024
void find_moot_policies(const Context& context, Report& report);         // NP025
void find_exposed_services(const Context& context, Report& report);      // NP040

// loading.cc
void restate_duplicates(const Context& context, Report& report);      // NP022
void restate_name_labels(const Context& context, Report& report);     // NP033
void restate_renderings(const Context& context, Report& report);      // NP034
void restate_rejections(const Context& context, Report& report);      // NP038
void restate_unknown_fields(const Context& context, Report& report);  // NP039
void find_label_types(const Context& context, Report& report);        // NP043

// admin.cc
void find_equal_priorities(const Context& context, Report& report);  // NP035
void find_denied_networks(const Context& context, Report& report);   // NP036
void find_useless_passes(const Context& context, Report& report);    // NP037

// features.cc
void find_plugin_features(const Context& context, Report& report);  // NP042

}  // namespace gantry::netpol::linting
