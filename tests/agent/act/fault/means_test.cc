#include "tests/agent/act/fault/fault_fixture.h"

namespace jettyfleet {
namespace {

using testing::HasSubstr;

class MeansTest : public FaultFixture {
 protected:
  v1::FaultMeans Look() {
    v1::Action action = NewAction();
    action.mutable_look_at_fault_means()->set_unit("jetty9");
    const v1::ActionResult result = Execute(action);
    EXPECT_THAT(result, IsDone());
    return result.fault_means();
  }
  static void Expect(const v1::FaultMean& mean, v1::Answer available, const std::string& why) {
    EXPECT_EQ(mean.available(), available) << mean.why();
    EXPECT_THAT(mean.why(), HasSubstr(why));
    EXPECT_EQ(mean.why().empty(), available == v1::ANSWER_YES);
  }

  SleepingProcess jetty_;
};

TEST_F(MeansTest, AllThere) {
  RunUnit("jetty9", {jetty_.pid()}, true);
  const v1::FaultMeans means = Look();
  for (const v1::FaultMean* mean :
       {&means.packet_filter(), &means.freezer(), &means.starts_at_boot(), &means.fencing()}) {
    Expect(*mean, v1::ANSWER_YES, "");
  }
  EXPECT_THAT(means.peers(), testing::ElementsAre("10.99.0.11", "10.99.0.13"));
  EXPECT_EQ(means.peers_error(), "");
}

TEST_F(MeansTest, Peers) {
  const struct {
    const char* what;
    std::string links;
    std::vector<std::string> peers;
    std::string error;
  } cases[] = {
      {"one peer on two links, one of them down",
       "Local node ID 1, transport knet\nnodeid: 2 reachable\n"
       "   LINK: 0 udp (10.99.0.11->10.99.0.12) enabled connected mtu: 1397\n"
       "   LINK: 1 udp (fd00::1->fd00::2) enabled mtu: 477\n",
       {"10.99.0.12", "fd00::2"},
       ""},
      {"the same peer twice", "   LINK: 0 udp (a->10.0.0.2) x\n   LINK: 1 udp (b->10.0.0.2) x\n", {"10.0.0.2"}, ""},
      {"no links", "Local node ID 1, transport udpu\n", {}, "tells of no link"},
      {"a name", "   LINK: 0 udp (node-01->node-02) enabled\n", {}, "no peer's address"},
      {"another form", "   LINK: 0 udp node-02\n", {}, "no peer's address"},
  };
  for (const auto& c : cases) {
    cluster_.node.links = c.links;
    const v1::FaultMeans means = Look();
    EXPECT_THAT(means.peers(), testing::ElementsAreArray(c.peers)) << c.what;
    EXPECT_THAT(means.peers_error(), HasSubstr(c.error)) << c.what;
    EXPECT_EQ(means.peers_error().empty(), c.error.empty()) << c.what;
  }
}

TEST_F(MeansTest, NothingThere) {
  RunUnit("jetty9", {jetty_.pid()}, false);
  cluster_.Uninstall("nft");
  cluster_.node.units["pacemaker.service"].file_state = "disabled";
  cluster_.node.devices.erase("node-02");
  const v1::FaultMeans means = Look();
  Expect(means.packet_filter(), v1::ANSWER_NO, "no nft that works");
  Expect(means.freezer(), v1::ANSWER_NO, "its processes would be sent SIGSTOP");
  Expect(means.starts_at_boot(), v1::ANSWER_NO, "pacemaker disabled");
  Expect(means.fencing(), v1::ANSWER_NO, "can reach node-02");
}

TEST_F(MeansTest, NothingKnown) {
  cluster_.Next("nft", FakeCluster::Hang());
  cluster_.Next("systemctl is-enabled", FakeCluster::Hang());
  cluster_.Next("stonith_admin", FakeCluster::Exit(102, "", "Could not connect to fencer\n"));
  v1::FaultMeans means = Look();
  Expect(means.packet_filter(), v1::ANSWER_UNSPECIFIED, "did not end");
  Expect(means.freezer(), v1::ANSWER_UNSPECIFIED, "jetty9.service is inactive");
  Expect(means.starts_at_boot(), v1::ANSWER_UNSPECIFIED, "cannot see whether");
  Expect(means.fencing(), v1::ANSWER_UNSPECIFIED, "Could not connect to fencer");
  cluster_.Uninstall("cibadmin");
  means = Look();
  Expect(means.fencing(), v1::ANSWER_UNSPECIFIED, "cannot read the CIB");
}

}  // namespace
}  // namespace jettyfleet
