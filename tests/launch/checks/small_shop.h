#pragma once

// A shop that is small enough to know by heart: shop/web calls data/db, ops/scraper scrapes it, shop/job calls nobody.

#include <string>
#include <string_view>

namespace gantry::launch::test {

// Namespaces shop (tier=front), data (tier=data) and ops (tier=ops), their workloads and Services; no policy.
extern const std::string_view kShopWithoutPolicies;

std::string policy(std::string_view name, std::string_view name_space, std::string_view spec);
// A default deny of ingress in each of the three.
std::string deny_all();
// What data/db admits; each rule in YAML's flow style.
std::string db_admits(std::string_view rules);

inline constexpr std::string_view kFromWeb =
    "{from: [{namespaceSelector: {matchLabels: {tier: front}}, podSelector: {matchLabels: {app: web}}}], ports: "
    "[{port: "
    "5432}]}";
inline constexpr std::string_view kFromScraper =
    "{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ops}}, podSelector: {matchLabels: {app: "
    "scraper}}}], ports: [{port: metrics}]}";

// The shop, with policies that admit what it needs and nothing else.
std::string shop();

}  // namespace gantry::launch::test
