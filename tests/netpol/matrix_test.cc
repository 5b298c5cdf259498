// The matrix says of each pair what single questions say.

#include "netpol/matrix.h"

#include "netpol/small_world.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace gantry::netpol {
namespace {

constexpr std::string_view kPolicies = R"(
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress:
    - from: [{podSelector: {matchLabels: {app: api}}}]
      ports: [{port: 5432}, {port: 8000, endPort: 8010}]
    - from: [{ipBlock: {cidr: 10.0.0.0/8}}]
      ports: [{port: 9187}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Egress]
  egress:
    - to: [{namespaceSelector: {matchLabels: {team: ops}}}]
)";

Matrix matrix_of(std::string_view policies) {
  return Matrix(analyse_or_fail(
      build({{"shop/api:80", "shop/web:80", "shop/db:5432", "ops/metrics:9090"}, std::string(policies)})));
}

EndpointId named(const Matrix& matrix, std::string_view name) {
  const std::vector<Endpoint>& all = matrix.reach().endpoints().all();
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].name == name) return EndpointId(static_cast<std::uint32_t>(i));
  ADD_FAILURE() << "no endpoint " << name;
  return EndpointId(0);
}

MatrixPorts between(const Matrix& matrix, std::string_view source, std::string_view destination) {
  for (const MatrixGroup& group : matrix.destinations_of(named(matrix, source)))
    if (group.destinations.contains(named(matrix, destination))) return group.open;
  return {};
}

TEST(Matrix, SaysWhatIsOpenForCertain) {
  const Matrix matrix = matrix_of(kPolicies);
  EXPECT_EQ(to_string(between(matrix, "shop/api", "shop/db").ports), "5432/TCP, 8000-8010/TCP");
  EXPECT_EQ(to_string(between(matrix, "10.0.0.0/8", "shop/db").ports), "9187/TCP");
  EXPECT_TRUE(between(matrix, "0.0.0.0/0", "shop/db").empty());
  EXPECT_TRUE(between(matrix, "shop/api", "shop/web").ports.is_everything());
  EXPECT_TRUE(between(matrix, "shop/web", "shop/api").ports.empty());
}

TEST(Matrix, SaysWhatIsInDoubt) {
  const Matrix matrix = matrix_of(kPolicies);
  // Nobody knows the address of metrics' pod, which the ipBlock may hold.
  const MatrixPorts perhaps = between(matrix, "ops/metrics", "shop/db");
  EXPECT_TRUE(perhaps.ports.empty());
  EXPECT_EQ(to_string(perhaps.perhaps), "9187/TCP");
  EXPECT_NE(describe_doubt(perhaps), "");
  EXPECT_EQ(describe_doubt(perhaps).find(','), std::string::npos) << "it stands in CSV";
  const MatrixPorts range = between(matrix, "shop/api", "shop/db");
  EXPECT_NE(std::ranges::find(range.depends_on, ProfileTopic::end_port), range.depends_on.end());
}

// Rectangles are disjoint, and together they are what the groups say.
TEST(Matrix, RectanglesCoverEachPairOnce) {
  const Matrix matrix = matrix_of(kPolicies);
  std::map<std::pair<EndpointId, EndpointId>, MatrixPorts> pairs;
  for (const MatrixRectangle& rectangle : matrix.rectangles())
    for (const EndpointId source : rectangle.sources.ids())
      for (const EndpointId destination : rectangle.destinations.ids())
        EXPECT_TRUE(pairs.emplace(std::pair(source, destination), rectangle.open).second);
  std::size_t count = 0;
  for (std::size_t i = 0; i < matrix.reach().endpoints().size(); ++i) {
    const EndpointId source(static_cast<std::uint32_t>(i));
    for (const MatrixGroup& group : matrix.destinations_of(source)) {
      for (const EndpointId destination : group.destinations.ids()) {
        const auto found = pairs.find({source, destination});
        ASSERT_NE(found, pairs.end());
        EXPECT_EQ(found->second, group.open);
        ++count;
      }
    }
  }
  EXPECT_EQ(count, pairs.size());
}

TEST(Matrix, AgreesWithSingleQuestions) {
  const Matrix matrix = matrix_of(kPolicies);
  const Reachability& reach = matrix.reach();
  for (std::size_t s = 0; s < reach.endpoints().pod_class_count(); ++s) {
    for (std::size_t d = 0; d < reach.endpoints().pod_class_count(); ++d) {
      if (s == d) continue;
      const Flow flow{.source = EndpointId(static_cast<std::uint32_t>(s)),
                      .destination = EndpointId(static_cast<std::uint32_t>(d))};
      for (const std::uint16_t port : std::initializer_list<std::uint16_t>{1, 5432, 8000, 8005, 8011, 9187}) {
        Flow asked = flow;
        asked.port = kube::Port(port);
        const MatrixPorts open = between(matrix, reach.endpoints().all()[s].name, reach.endpoints().all()[d].name);
        const Access expected = open.ports.contains(kube::Protocol::tcp, asked.port)     ? Access::yes
                                : open.perhaps.contains(kube::Protocol::tcp, asked.port) ? Access::depends
                                                                                         : Access::no;
        EXPECT_EQ(reach.access(asked), expected) << s << " " << d << " " << port;
      }
    }
  }
}

}  // namespace
}  // namespace gantry::netpol
