#include "launch/plan_envelope.h"

#include <gtest/gtest.h>

namespace gantry::launch {
namespace {

// The document's own lines, joined; "(open) " before them when a wrapper is not closed.
std::string unwrapped(std::string_view text) {
  const DocumentLines document(text, "a.md");
  const PlanEnvelope envelope = open_envelope(document);
  std::string inside = envelope.open_fence ? "(open) " : "";
  for (std::size_t i = envelope.first; i < envelope.last; ++i) inside += std::string(document.line(i)) + "/";
  return inside;
}

struct Case {
  const char* what;
  const char* text;
  const char* inside;
};

// Reference §2.1 and §11.
constexpr Case kCases[] = {
    {"no wrapper", "a\nb\n", "a/b/"},
    {"blank lines around", "\n\na\n\n", "a/"},
    {"a wrapper", "```markdown\na\n```\n", "a/"},
    {"with the short name", "```md\na\n```", "a/"},
    {"inner fences of the same length", "```markdown\na\n```\nb\n```\nc\n```\n", "a/```/b/```/c/"},
    {"four backticks", "````markdown\na\n````\n", "a/"},
    {"tildes", "~~~markdown\na\n~~~\n", "a/"},
    {"attributes", "```markdown title=\"x\"\na\n```\n", "a/"},
    {"attributes without a space", "```markdown{.wide}\na\n```\n", "a/"},
    {"capital letters", "``` Markdown\na\n```\n", "a/"},
    {"a longer closing fence", "```markdown\na\n````\n", "a/"},
    {"windows line ends", "```markdown\r\na\r\n```\r\n", "a/"},
    {"a byte order mark", "\xEF\xBB\xBF```markdown\na\n```\n", "a/"},
    {"an empty document", "```markdown\n```\n", ""},
    {"another language", "```yaml\na\n```\n", "```yaml/a/```/"},
    {"a shorter closing fence", "````markdown\na\n```\n", "(open) ````markdown/a/```/"},
    {"a closing fence of another kind", "```markdown\na\n~~~\n", "(open) ```markdown/a/~~~/"},
    {"a closing fence with a language", "```markdown\na\n```yaml\n", "(open) ```markdown/a/```yaml/"},
    {"not closed", "```markdown\na\n", "(open) ```markdown/a/"},
    {"a wrapper's start alone", "```markdown", "(open) ```markdown/"},
    {"front matter", "---\na: b\n---\n\nc\n", "c/"},
    {"front matter that ends in dots", "---\na: b\n...\nc\n", "c/"},
    {"front matter inside a wrapper", "```markdown\n---\na: b\n---\nc\n```\n", "c/"},
    {"front matter before a wrapper", "---\na: b\n---\n```markdown\nc\n```\n", "c/"},
    {"a rule and a section", "---\n\n## a\n---\n", "---//## a/---/"},
    {"a rule that nothing ends", "---\na\n", "---/a/"},
    {"nothing", "", ""},
};

TEST(PlanEnvelope, IsOpened) {
  for (const Case& c : kCases) EXPECT_EQ(unwrapped(c.text), c.inside) << c.what;
}

}  // namespace
}  // namespace gantry::launch
