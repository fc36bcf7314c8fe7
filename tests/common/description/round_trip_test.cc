// What EmitDescription writes, ParseDescription reads back: held against descriptions made at random.
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/description/description_yaml.h"
#include "common/description/validate.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

using Sessions = v1::SessionsDescription;

// A valid description in which each thing that may be unset is so every second time.
class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  v1::ClusterDescription Make() {
    v1::ClusterDescription description;
    description.set_cluster(Pick({"blue", "null", "true", "1e3", "0x10", "7", "no", "a.b-c"}));
    // Names that YAML could take for something else.
    const std::vector<std::string> nodes = {"true", "null", "10", "node-01"};
    if (Coin()) *description.mutable_nodes() = {nodes.begin(), nodes.end()};
    for (const std::string& node : nodes) {
      if (Coin()) (*description.mutable_addresses())[node] = absl::StrCat(Pick({"10.0.0.", "fd00::"}), address_++);
    }
    const int resources = Number(1, 3);
    for (int i = 0; i < resources; ++i) AddResource(i, description.add_resources());
    if (Coin()) {
      v1::LoadBalancerDescription* const balancer = description.add_load_balancers();
      balancer->set_host("lb-01");
      balancer->set_resource(description.resources(0).name());
      balancer->set_backend(Pick({"be", "1", "a:b", "null"}));
      for (std::size_t i = 0; i < nodes.size(); ++i) (*balancer->mutable_servers())[nodes[i]] = absl::StrCat(i);
    }
    if (Coin()) {
      v1::TrafficDescription* const traffic = description.mutable_traffic();
      traffic->set_url(Pick({"http://lb/", "http://[::1]:80/a?b=c&d=%20"}));
      traffic->set_requests_per_second(static_cast<uint32_t>(Number(1, 5000)));
      traffic->set_virtual_users(static_cast<uint32_t>(Number(1, 1000)));
      *traffic->mutable_timeout() = ToProto(absl::Milliseconds(Number(10, 60000)));
      if (Coin()) traffic->set_counter_pattern(Pick({"count=(\\d+)", "(\"|')", "\\t( # )", "^: (-) ü\t$"}));
    }
    for (int i = 0; i < Number(0, 2); ++i) AddOverride(i, description.add_checks());
    return description;
  }

 private:
  bool Coin() { return Number(0, 1) == 1; }
  int Number(int least, int most) { return std::uniform_int_distribution<int>(least, most)(random_); }
  std::string Pick(const std::vector<std::string>& from) { return from[Number(0, static_cast<int>(from.size()) - 1)]; }
  google::protobuf::Duration Seconds(int most) { return ToProto(absl::Seconds(Number(1, most))); }

  void AddResource(int index, v1::ResourceDescription* resource) {
    resource->set_name(absl::StrCat(Pick({"null", "true", "jetty", "y", "_"}), index));
    resource->set_unit(index == 0 ? Pick({"auto", "jetty9", "8", "1.5", "false"}) : absl::StrCat("jetty@", index));
    *resource->mutable_monitor_interval() = Seconds(3600);
    if (Coin()) *resource->mutable_start_timeout() = Seconds(3600);
    if (Coin()) *resource->mutable_stop_timeout() = Seconds(3600);
    if (Coin()) *resource->mutable_monitor_timeout() = Seconds(3600);
    if (Coin()) resource->set_on_fail(Pick({"restart", "block", "stop", "ignore", "standby", "fence"}));
    resource->set_clone_max(Coin() ? static_cast<uint32_t>(Number(2, 4)) : 0);
    resource->set_clone_node_max(1);
    resource->set_interleave(static_cast<v1::Answer>(Number(0, 2)));
    resource->set_ordered(static_cast<v1::Answer>(Number(0, 2)));
    for (int i = 0; i < Number(1, 4); ++i) resource->add_ports(static_cast<uint32_t>(8000 + 100 * index + i));
    resource->mutable_health()->set_port(resource->ports(0));
    resource->mutable_health()->set_path(Pick({"/", "/a?b=#c", "/{x}:[y]", "/*&!|>'\"%@`"}));
    resource->mutable_health()->set_status(static_cast<uint32_t>(Number(100, 599)));
    *resource->mutable_health()->mutable_timeout() = ToProto(absl::Milliseconds(Number(10, 60000)));
    resource->set_min_serving(static_cast<uint32_t>(Number(0, 1)));
    resource->set_migration_threshold(Coin() ? static_cast<uint32_t>(Number(1, 1000000)) : 0);
    if (Coin()) *resource->mutable_failure_timeout() = Seconds(86400);
    if (Coin()) {
      resource->set_recover(v1::RECOVER_AT_ONCE);
      resource->set_recover_after_failed_probes(Coin() ? static_cast<uint32_t>(Number(1, 100)) : 0);
    }
    if (Coin()) {
      resource->mutable_paths()->add_local(Pick({"/var/lib/jetty9", "/a//b/./", "/=~+,"}));
      if (Coin()) resource->mutable_paths()->add_shared("/srv/up:loads");
      if (Coin()) resource->mutable_paths()->add_volatile_("/run/x");
      if (Coin()) resource->mutable_paths()->set_min_free_percent(static_cast<uint32_t>(Number(1, 99)));
    }
    if (Coin()) resource->mutable_health()->set_body(Pick({"UP", "\\{\"a\": 'b'\\}", "# no", "null", "\\t( # )"}));
    if (Coin()) resource->mutable_health()->set_version(Pick({"(.*)", "\"v\": '([^']+)'", "# (no)"}));
    if (Coin()) AddIdentity(resource->mutable_identity());
    if (Coin()) AddSessions(resource->mutable_sessions());
    if (Coin()) {
      resource->mutable_parallel_safe()->set_by(Pick({"alice", "Bjørn & Co.", "- x", "null"}));
      resource->mutable_parallel_safe()->set_date(Pick({"2026-11-20", "2024-02-29"}));
      resource->mutable_parallel_safe()->set_evidence(
          Pick({"test: #4711", "'quoted' \"twice\" \\", " spaces around ", "{a: b}", "~", "%x", "日本"}));
    }
  }

  void AddOverride(int index, v1::CheckOverride* override_) {
    override_->set_id(absl::StrCat(Pick({"paths.space", "true", "null", "a.b-c"}), index));
    override_->set_severity(static_cast<v1::Severity>(Number(0, 2)));
    override_->set_reason(Pick({"null", "- a lab: \"x\"", " 7 "}));
    override_->set_until(Pick({"2026-11-20", "1999-02-28"}));
  }

  void AddIdentity(v1::IdentityDescription* identity) {
    identity->add_may_differ(Pick({"\\.d/x\\.ini$", "^: (-) ü\t$", "true", "(\"|')"}));
    if (Coin()) identity->add_archives(Pick({"/srv/app.war", "/a//b/./"}));
    if (Coin()) identity->add_configuration("/etc/x:y");
  }

  void AddSessions(Sessions* sessions) {
    sessions->set_affinity(static_cast<Sessions::Affinity>(Number(1, 3)));
    const bool none = sessions->affinity() == Sessions::AFFINITY_NONE;
    sessions->set_store(none ? (Coin() ? Sessions::STORE_JDBC : static_cast<Sessions::Store>(Number(4, 5)))
                             : static_cast<Sessions::Store>(Number(1, 5)));
    const bool kept = sessions->store() != Sessions::STORE_NONE;
    sessions->set_cache_null(kept && (none || (sessions->store() != Sessions::STORE_MEMORY && Coin())));
    const bool remote = sessions->store() == Sessions::STORE_JDBC || sessions->store() == Sessions::STORE_OTHER;
    if (remote && Coin()) sessions->set_store_address(Pick({"db-01:5432", "[::1]:1", "10.0.0.1:65535"}));
    if (!none) sessions->set_cookie(Pick({"JETTYFLEET", "JSESSIONID", "7", "true"}));
  }

  std::mt19937 random_;
  int address_ = 1;
};

TEST(RoundTripTest, WhatIsWrittenIsReadBack) {
  for (uint32_t seed = 1; seed <= 2000; ++seed) {
    const v1::ClusterDescription made = Generator(seed).Make();
    const MaybeProblem problem = FindProblem(made);
    ASSERT_FALSE(problem.has_value()) << "seed " << seed << ": " << problem->path << ": " << problem->what;
    const std::string written = EmitDescription(made);
    const auto read = ParseDescription(written, "written");
    ASSERT_TRUE(read.ok()) << "seed " << seed << ": " << read.status() << "\n" << written;
    google::protobuf::util::MessageDifferencer differ;
    std::string difference;
    differ.ReportDifferencesToString(&difference);
    ASSERT_TRUE(differ.Compare(made, *read)) << "seed " << seed << ": " << difference << "\n" << written;
  }
}

}  // namespace
}  // namespace jettyfleet
