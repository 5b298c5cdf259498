#include "kube/selector_hint.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gantry::kube {
namespace {

LabelSelector selector(std::string_view text) { return *LabelSelector::parse_text(text); }

TEST(SelectorHint, SaysWhatIsInTheWay) {
  const LabelSet labels(std::vector<LabelSet::Pair>{{"app", "web"}, {"tier", "front"}});
  const struct {
    const char* selector;
    const char* difference;
  } cases[] = {
      {"app=web", ""},
      {"app=wed", "it has app=web, not app=wed"},
      {"app in (api,db)", "it has app=web, not app in (api, db)"},
      {"team=shop", "it has no label team=shop"},
      {"team", "it has no label team"},
      {"app!=web", "it has app=web, which is excluded"},
      {"!tier", "it has tier=front, which is excluded"},
      {"app=api,tier=back", "it has app=web, not app=api, it has tier=front, not tier=back"},
  };
  for (const auto& c : cases) EXPECT_EQ(describe_difference(selector(c.selector), labels), c.difference) << c.selector;
}

TEST(SelectorHint, FindsTheNearest) {
  const LabelSet web(std::vector<LabelSet::Pair>{{"app", "web"}});
  const LabelSet worker(std::vector<LabelSet::Pair>{{"app", "worker"}, {"tier", "back"}});
  const std::vector<Labelled> candidates = {{.name = "web", .labels = &web}, {.name = "worker", .labels = &worker}};
  EXPECT_EQ(find_nearest(selector("app=wed"), candidates)->name, "web");               // by spelling
  EXPECT_EQ(find_nearest(selector("app=wed,tier=back"), candidates)->name, "worker");  // by failed requirements
  EXPECT_EQ(hinted_fix(selector("app=web"), candidates, "mend it"), "mend it");
  EXPECT_EQ(hinted_fix(selector("app=wed"), candidates, "mend it"),
            "the nearest is web: it has app=web, not app=wed; mend it");
  EXPECT_FALSE(find_nearest(selector("app=web"), {}));
}

}  // namespace
}  // namespace gantry::kube
