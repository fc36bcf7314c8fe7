#include "common/tls/authorize.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "proto/agent_service.pb.h"
#include "proto/archive_service.pb.h"
#include "proto/backup_service.pb.h"
#include "proto/check_service.pb.h"
#include "proto/fleet_service.pb.h"
#include "proto/route_service.pb.h"

namespace jettyfleet {
namespace {

const Role kEveryRole[] = {Role::kNone, Role::kCoordinator, Role::kAgent, Role::kLb, Role::kOperator, Role::kViewer};

// Said again here on purpose: a change of either table has to be meant.
const std::map<std::string, std::set<Role>> kExpected = {
    {"Session", {Role::kAgent, Role::kLb}},
    {"GetStatus", {Role::kOperator, Role::kViewer}},
    {"Discover", {Role::kOperator, Role::kViewer}},
    {"Verify", {Role::kOperator, Role::kViewer}},
    {"ListOperations", {Role::kOperator, Role::kViewer}},
    {"GetOperation", {Role::kOperator, Role::kViewer}},
    {"WatchOperation", {Role::kOperator, Role::kViewer}},
    {"ListEvents", {Role::kOperator, Role::kViewer}},
    {"Plan", {Role::kOperator, Role::kViewer}},
    {"Describe", {Role::kOperator, Role::kViewer}},
    {"Apply", {Role::kOperator}},
    {"StartDrill", {Role::kOperator}},
    {"PlanRollout", {Role::kOperator, Role::kViewer}},
    {"StartRollout", {Role::kOperator}},
    {"AbortOperation", {Role::kOperator}},
    {"Restore", {Role::kOperator}},
    {"ShowRoute", {Role::kOperator, Role::kViewer}},
    {"ApplyRoute", {Role::kOperator}},
    {"DrainNode", {Role::kOperator}},
    {"RestoreNode", {Role::kOperator}},
    {"ShiftTraffic", {Role::kOperator}},
    {"Check", {Role::kOperator, Role::kViewer}},
    {"ListChecks", {Role::kOperator, Role::kViewer}},
    {"PreparePush", {Role::kOperator}},
    {"PushArchive", {Role::kOperator}},
    {"ListArchives", {Role::kOperator, Role::kViewer}},
    {"RemoveArchive", {Role::kOperator}},
    {"FetchArchive", {Role::kAgent}},
    {"Backup", {Role::kOperator}},
};

std::set<std::string> EveryMethod() {
  std::set<std::string> methods;
  for (const char* file : {"proto/agent_service.proto", "proto/archive_service.proto", "proto/backup_service.proto",
                           "proto/check_service.proto", "proto/fleet_service.proto", "proto/route_service.proto"}) {
    const auto* const descriptor = google::protobuf::DescriptorPool::generated_pool()->FindFileByName(file);
    for (int s = 0; descriptor != nullptr && s < descriptor->service_count(); ++s) {
      for (int m = 0; m < descriptor->service(s)->method_count(); ++m) {
        EXPECT_TRUE(methods.insert(descriptor->service(s)->method(m)->name()).second) << "two RPCs of one name";
      }
    }
  }
  return methods;
}

TEST(AuthorizeTest, EveryRoleAgainstEveryRpc) {
  // Linked in, so that their descriptors are in the pool.
  ASSERT_NE(v1::AgentMessage::descriptor(), nullptr);
  ASSERT_NE(v1::BackupRequest::descriptor(), nullptr);
  ASSERT_NE(v1::CheckRequest::descriptor(), nullptr);
  ASSERT_NE(v1::GetStatusRequest::descriptor(), nullptr);
  ASSERT_NE(v1::RouteShowRequest::descriptor(), nullptr);
  ASSERT_NE(v1::ListArchivesRequest::descriptor(), nullptr);
  const std::set<std::string> methods = EveryMethod();
  ASSERT_EQ(methods.size(), kExpected.size());
  for (const std::string& method : methods) {
    const auto expected = kExpected.find(method);
    ASSERT_NE(expected, kExpected.end()) << method << " is not in the table";
    for (const Role role : kEveryRole) {
      SCOPED_TRACE(method + " by " + std::string(RoleName(role)));
      const absl::Status status = Authorize(Identity{"lab", role, "", "x"}, method);
      if (expected->second.count(role) > 0) {
        EXPECT_TRUE(status.ok()) << status;
      } else {
        EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
      }
    }
  }
}

TEST(AuthorizeTest, AnUnknownMethodIsForNobody) {
  for (const Role role : kEveryRole) {
    for (const char* method : {"", "getstatus", "Getstatus", "Shutdown", "/jettyfleet.v1.FleetService/GetStatus"}) {
      EXPECT_EQ(Authorize(Identity{"lab", role, "", "x"}, method).code(), absl::StatusCode::kPermissionDenied);
    }
  }
}

TEST(AuthorizeTest, SaysWhatToDo) {
  EXPECT_EQ(Authorize(Identity{"lab", Role::kViewer, "", "bob"}, "StartDrill").message(),
            "viewer bob may not call StartDrill; use an operator's certificate");
}

}  // namespace
}  // namespace jettyfleet
