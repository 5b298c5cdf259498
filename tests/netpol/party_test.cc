#include "netpol/claims.h"

#include <gtest/gtest.h>

namespace gantry::netpol {
namespace {

TEST(Party, IsReadAndWrittenAlike) {
  const struct {
    const char* text;
    const char* written;  // "" where it is as read
    const char* words;
  } cases[] = {
      {"shop/web", "", "shop/web"},
      {"shop/web-0.eu", "", "shop/web-0.eu"},
      {" shop/web ", "shop/web", "shop/web"},
      {"shop/*", "", "pods of namespace shop"},
      {"10.0.0.0/8", "", "10.0.0.0/8"},
      {"10.1.2.3/8", "10.0.0.0/8", "10.0.0.0/8"},
      {"10.1.2.3", "10.1.2.3/32", "10.1.2.3/32"},
      {"fd00::/8", "", "fd00::/8"},
      {"::1", "::1/128", "::1/128"},
      {"labels()", "", "pods of namespaces <all>"},
      {"labels(ns: , pod: )", "labels()", "pods of namespaces <all>"},
      {"labels(ns: tier=front)", "", "pods of namespaces tier=front"},
      {"labels(pod: app=web)", "", "pods app=web of namespaces <all>"},
      {"labels(ns: tier=front, pod: app=web)", "", "pods app=web of namespaces tier=front"},
      {"labels(pod: app=web,ns: tier=front)", "labels(ns: tier=front, pod: app=web)",
       "pods app=web of namespaces tier=front"},
      {"labels(ns: a=b,c in (d,e),!f, pod: g)", "labels(ns: a=b,c in (d,e),!f, pod: g)",
       "pods g of namespaces a=b,c in (d,e),!f"},
      {"labels(namespace: shop, pod: app=web)", "", "pods app=web of namespace shop"},
      {"labels(namespace: shop)", "shop/*", "pods of namespace shop"},
  };
  for (const auto& c : cases) {
    const base::Result<Party> party = Party::parse(c.text);
    ASSERT_TRUE(party) << c.text << ": " << party.error().message;
    EXPECT_EQ(to_string(*party), *c.written ? c.written : c.text) << c.text;
    EXPECT_EQ(describe(*party), c.words) << c.text;
    EXPECT_EQ(to_string(*Party::parse(to_string(*party))), to_string(*party)) << c.text;
  }
}

TEST(Party, RefusesWhatIsNeitherPodsNorAddresses) {
  for (const char* text : {"",
                           "web",
                           "shop/",
                           "/web",
                           "shop/web/x",
                           "Shop/web",
                           "shop/We b",
                           "10.0.0.0/33",
                           "10.0.0",
                           "::/129",
                           "labels",
                           "labels(",
                           "labels(app=web)",
                           "labels(ns: a=b, ns: c=d)",
                           "labels(ns: a=)b)",
                           "labels(namespace: )",
                           "labels(namespace: shop, namespace: shop)",
                           "-/-",
                           "sh%p/*",
                           "labels(namespace: sh.op)"}) {
    const base::Result<Party> party = Party::parse(text);
    ASSERT_FALSE(party) << text << " is " << to_string(*party);
    EXPECT_EQ(party.error().kind, base::ErrorKind::input) << text;
  }
}

}  // namespace
}  // namespace gantry::netpol
