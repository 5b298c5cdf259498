#include "base/evidence.h"

#include <gtest/gtest.h>

namespace gantry::base {
namespace {

TEST(Verdict, NamesGoBothWays) {
  for (const Verdict verdict : {Verdict::pass, Verdict::fail, Verdict::error, Verdict::waived}) {
    EXPECT_EQ(find_verdict(to_string(verdict)), verdict);
  }
  EXPECT_EQ(to_string(Verdict::waived), "waived");
  EXPECT_EQ(find_verdict("passed"), std::nullopt);
}

TEST(EvidenceClass, NamesGoBothWays) {
  for (const EvidenceClass one :
       {EvidenceClass::static_analysis, EvidenceClass::rehearsal, EvidenceClass::live_read, EvidenceClass::cluster}) {
    EXPECT_EQ(find_evidence_class(to_string(one)), one);
  }
  EXPECT_EQ(to_string(EvidenceClass::static_analysis), "static");
  EXPECT_EQ(to_string(EvidenceClass::live_read), "live-read");
  EXPECT_EQ(find_evidence_class("live_read"), std::nullopt);
}

TEST(Evidence, IsUndecidedUntilACheckSaysOtherwise) { EXPECT_EQ(Evidence().verdict, Verdict::error); }

}  // namespace
}  // namespace gantry::base
