#pragma once

// What kubectl prints, and what it means. Private to kube; tested without a cluster.

#include "base/result.h"
#include "base/subprocess.h"
#include "kube/kubectl.h"

#include <string_view>

namespace gantry::kube {

// A run that failed, as an environment error with what to do next.
base::Error explain_failure(const base::CommandResult& result, std::string_view context);

bool says_no_such_context(std::string_view err);
// `api-resources` printed a list, but one aggregated API did not answer.
bool says_incomplete_discovery(const base::CommandResult& result);
// The server was not reached, or did not let us in at all.
bool is_about_the_connection(std::string_view err);

// "deployment.apps/web configured (server dry run)" and what stands on stderr.
ApplyReport parse_apply_output(const base::CommandResult& result);

// A go-template that prints all Secrets as a JSON list with null for every value. Names, keys and label values are plain
// ASCII by the API's validation, for which Go's %q and JSON agree.
extern const std::string_view kSecretKeysTemplate;

}  // namespace gantry::kube
