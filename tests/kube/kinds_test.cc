#include "kube/kinds.h"

#include "kube/names.h"
#include "kube/port.h"

#include <gtest/gtest.h>

#include <string>

namespace gantry::kube {
namespace {

TEST(Kinds, KnowsTheScopeOfWhatComesWithKubernetes) {
  const struct {
    std::string_view group, kind;
    Scope scope;
  } cases[] = {
      {"", "Pod", Scope::namespaced},
      {"", "Namespace", Scope::cluster},
      {"", "Node", Scope::cluster},
      {"apps", "Deployment", Scope::namespaced},
      {"apps", "Pod", Scope::unknown},
      {"rbac.authorization.k8s.io", "ClusterRole", Scope::cluster},
      {"rbac.authorization.k8s.io", "Role", Scope::namespaced},
      {"policy.networking.k8s.io", "AdminNetworkPolicy", Scope::cluster},
      {"gateway.networking.k8s.io", "HTTPRoute", Scope::namespaced},
      {"storage.k8s.io", "StorageClass", Scope::cluster},
      {"example.com", "Widget", Scope::unknown},
  };
  for (const auto& c : cases) EXPECT_EQ(scope_of(c.group, c.kind), c.scope) << c.group << " " << c.kind;
}

TEST(Kinds, TellsKubernetesOwnGroupsFromInstalledOnes) {
  for (const std::string_view group : {"", "apps", "batch", "extensions", "networking.k8s.io", "policy"}) {
    EXPECT_TRUE(is_builtin_group(group)) << group;
  }
  // Installed as CustomResourceDefinitions: a kind that is not in the table may still exist.
  for (const std::string_view group :
       {"gateway.networking.k8s.io", "policy.networking.k8s.io", "example.com", "cert-manager.io"}) {
    EXPECT_FALSE(is_builtin_group(group)) << group;
  }
}

TEST(Kinds, KnowsVersionsThatAreGone) {
  ASSERT_NE(find_removed_version("policy", "v1beta1", "PodDisruptionBudget"), nullptr);
  EXPECT_EQ(find_removed_version("policy", "v1beta1", "PodDisruptionBudget")->removed_in, "1.25");
  EXPECT_EQ(find_removed_version("policy", "v1", "PodDisruptionBudget"), nullptr);
  EXPECT_EQ(find_removed_version("extensions", "v1beta1", "Ingress")->use, "networking.k8s.io/v1");
}

// API machinery, util/validation.
TEST(Names, AreCheckedAsTheApiServerDoes) {
  const std::string long_label(64, 'a');
  const std::string long_name(254, 'a');
  const struct {
    const char* what;
    std::optional<std::string> (*invalid)(std::string_view);
    std::string_view text;
    bool valid;
  } cases[] = {
      {"label", invalid_dns_label, "web-1", true},
      {"label", invalid_dns_label, "1web", true},
      {"label", invalid_dns_label, "web.1", false},
      {"label", invalid_dns_label, "Web", false},
      {"label", invalid_dns_label, "-web", false},
      {"label", invalid_dns_label, "", false},
      {"label", invalid_dns_label, long_label, false},
      {"service", invalid_dns1035_label, "web-1", true},
      {"service", invalid_dns1035_label, "1web", false},
      {"service", invalid_dns1035_label, "", false},
      {"subdomain", invalid_dns_subdomain, "a.b-c.d", true},
      {"subdomain", invalid_dns_subdomain, long_label, true},
      {"subdomain", invalid_dns_subdomain, long_name, false},
      {"subdomain", invalid_dns_subdomain, "a..b", false},
      {"subdomain", invalid_dns_subdomain, "a.", false},
      {"subdomain", invalid_dns_subdomain, "a.-b", false},
      {"path segment", invalid_path_segment, "system:masters", true},
      {"path segment", invalid_path_segment, "a/b", false},
      {"path segment", invalid_path_segment, "..", false},
      {"variable", invalid_env_name, "NATS_URL", true},
      {"variable", invalid_env_name, "9.a-b", true},
      {"variable", invalid_env_name, "A=B", false},
      {"variable", invalid_env_name, "", false},
      {"config key", invalid_config_key, "nats.conf", true},
      {"config key", invalid_config_key, "a/b", false},
      {"config key", invalid_config_key, "..data", false},
      {"port", invalid_port_name, "http", true},
      {"port", invalid_port_name, "p80", true},
      {"port", invalid_port_name, "80", false},
      {"port", invalid_port_name, "Http", false},
      {"port", invalid_port_name, "a--b", false},
      {"port", invalid_port_name, "-a", false},
      {"port", invalid_port_name, "a-very-long-name", false},
  };
  for (const auto& c : cases) EXPECT_EQ(!c.invalid(c.text).has_value(), c.valid) << c.what << " \"" << c.text << "\"";
}

}  // namespace
}  // namespace gantry::kube
