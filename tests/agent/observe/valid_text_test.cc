#include "agent/observe/valid_text.h"

#include <gtest/gtest.h>

#include <string>

#include "proto/observation.pb.h"

namespace jettyfleet {
namespace {

TEST(ValidTextTest, OnlyPrintableUtf8IsLeft) {
  const struct {
    std::string text;
    std::string expected;
  } kCases[] = {
      {"", ""},
      {"plain text.", "plain text."},
      {"Überlauf: 10 €, 東, 😀", "Überlauf: 10 €, 東, 😀"},
      {"\x1b[2Jgone", "?[2Jgone"},
      {std::string("a\0b\r\n\t\x7f", 7), "a?b????"},
      {"\xff\xfe", "??"},
      {"half \xe2\x82", "half ??"},
      {"\xe2\x82x", "??x"},
      {"\xc0\xaf overlong", "?? overlong"},
      {"\xe0\x80\xaf overlong", "??? overlong"},
      {"\xed\xa0\x80 surrogate", "??? surrogate"},
      {"\xf4\x90\x80\x80 too far", "???? too far"},
      {"\xf8\x88\x80\x80\x80", "?????"},
      {"\xc2\x9b control", "?? control"},  // a terminal's second way to begin a sequence
  };
  for (const auto& one : kCases) {
    v1::ListenerFact fact;
    fact.set_owner(one.text);
    MakeTextValid(&fact);
    EXPECT_EQ(fact.owner(), one.expected);
  }
}

TEST(ValidTextTest, AtAnyDepthAndInLists) {
  v1::HostChange change;
  change.add_units_gone("\xff");
  change.add_units()->add_journal_tail("\x07");
  change.add_ports()->add_listeners()->set_owner("12 \x80");
  change.mutable_cluster()->mutable_quorum()->add_flags("\x01");
  change.mutable_cluster()->set_dc("node-01");
  MakeTextValid(&change);
  EXPECT_EQ(change.units_gone(0), "?");
  EXPECT_EQ(change.units(0).journal_tail(0), "?");
  EXPECT_EQ(change.ports(0).listeners(0).owner(), "12 ?");
  EXPECT_EQ(change.cluster().quorum().flags(0), "?");
  EXPECT_EQ(change.cluster().dc(), "node-01");
  v1::HostChange copy;
  EXPECT_TRUE(copy.ParseFromString(change.SerializeAsString()));
}

TEST(ValidTextTest, LongTextIsCutAtAWholeCharacter) {
  v1::UnitFact fact;
  for (int i = 0; i < 3000; ++i) fact.mutable_error()->append("€");
  MakeTextValid(&fact);
  EXPECT_EQ(fact.error().size(), 4095u);
  EXPECT_TRUE(v1::UnitFact().ParseFromString(fact.SerializeAsString()));
}

}  // namespace
}  // namespace jettyfleet
