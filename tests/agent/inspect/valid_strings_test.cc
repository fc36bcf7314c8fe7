#include "agent/inspect/valid_strings.h"

#include <gtest/gtest.h>

#include <string>

#include "proto/action.pb.h"

namespace jettyfleet {
namespace {

TEST(ValidStrings, AreReadByEveryPeer) {
  const struct {
    std::string text;
    std::string valid;
  } cases[] = {
      {"", ""},
      {"node-01 caf\xc3\xa9\n\tx", "node-01 caf\xc3\xa9\n\tx"},
      {"caf\xe9", "caf?"},
      {"\xe2\x82", "??"},
      {"\x1b[31m\r", "?[31m?"},
      {"\xc2\x9b", "??"},
      {std::string("a\0b", 3), "a?b"},
  };
  for (const auto& test : cases) {
    v1::ActionResult result;
    result.set_message(test.text);
    v1::ResourceInspection& resource = *result.mutable_inspection()->add_resources();
    resource.mutable_sessions()->set_worker_name(test.text);
    resource.mutable_sessions()->add_modules("sessions");
    resource.mutable_sessions()->add_modules(test.text);
    MakeStringsValid(&result);
    v1::ActionResult read;
    ASSERT_TRUE(read.ParseFromString(result.SerializeAsString())) << test.valid;
    EXPECT_EQ(read.message(), test.valid);
    EXPECT_EQ(read.inspection().resources(0).sessions().worker_name(), test.valid);
    EXPECT_EQ(read.inspection().resources(0).sessions().modules(0), "sessions");
    EXPECT_EQ(read.inspection().resources(0).sessions().modules(1), test.valid);
  }
}

TEST(ValidStrings, BytesAreNoText) {
  v1::ActionResult result;
  const std::string digest(32, '\xff');
  result.mutable_inspection()->add_resources()->add_archives()->set_sha256(digest);
  MakeStringsValid(&result);
  EXPECT_EQ(result.inspection().resources(0).archives(0).sha256(), digest);
}

}  // namespace
}  // namespace jettyfleet
