#include "client/render/audit_view.h"

#include "tests/client/render/golden.h"

namespace jettyfleet {
namespace {

TEST(AuditViewTest, OnlyWhatIsNotOk) {
  ExpectGolden(RenderAudits(ReadMessage<v1::OperationReport>("drill_audited.txtpb"), false), "drill_audited.txt");
}

TEST(AuditViewTest, NothingWasAudited) {
  EXPECT_EQ(RenderAudits(ReadMessage<v1::OperationReport>("drill_planning.txtpb"), false), "");
}

}  // namespace
}  // namespace jettyfleet
