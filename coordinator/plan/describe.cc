#include "coordinator/plan/describe.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/description/validate.h"
#include "common/proto_time.h"
#include "coordinator/plan/describe_remarks.h"
#include "coordinator/plan/describe_resource.h"
#include "coordinator/plan/planner.h"

namespace jettyfleet {
namespace {

constexpr uint32_t kUsualPort = 8080;  // Jetty's own default, and Debian's

// One run over one view: the parts share what the DC reports and the result that they add to.
class Describer {
 public:
  Describer(const std::string& cluster, const ClusterView& view, const v1::HostReport& dc)
      : view_(view), cib_(dc.cib()), cluster_(dc.cluster()) {
    result_.description.set_cluster(cluster);
    for (const v1::ClusterNodeFact& node : cluster_.nodes()) all_nodes_.insert(node.name());
    for (const v1::PrimitiveFact& primitive : cib_.primitives()) {
      if (IsJetty(primitive)) jettys_.push_back(&primitive);
    }
  }

  absl::StatusOr<DescribeResult> Run() {
    if (jettys_.empty()) return NothingFound();
    AddNodes();
    AddResources();
    AddAddresses();
    if (view_.description.has_traffic()) *description().mutable_traffic() = view_.description.traffic();
    *description().mutable_checks() = view_.description.checks();
    AddLoadBalancers();
    if (const absl::Status valid = ValidateDescription(description()); !valid.ok()) {
      return absl::FailedPreconditionError(
          OneLine(absl::StrCat("cluster ", description().cluster(), " cannot be described: ", valid.message(),
                               result_.remarks.empty() ? "" : "; ", absl::StrJoin(result_.remarks, "; "))));
    }
    RemarkOnStored();
    RemarkOnConstraints(cib_, &result_.remarks);
    RemarkOnCluster(cib_, cluster_, &result_.remarks);
    RemarkOnWhatApplyWouldDo();
    TidyRemarks(&result_.remarks);
    return std::move(result_);
  }

 private:
  v1::ClusterDescription& description() { return result_.description; }
  void Remark(std::string remark) { result_.remarks.push_back(std::move(remark)); }

  absl::Status NothingFound() const {
    std::vector<std::string> others;
    for (const v1::PrimitiveFact& primitive : cib_.primitives()) {
      others.push_back(absl::StrCat(primitive.id(), " (", primitive.resource_class(), ":", primitive.type(), ")"));
    }
    return absl::NotFoundError(OneLine(absl::StrCat(
        "no resource of cluster ", result_.description.cluster(), " runs a Jetty unit (systemd:jetty...); it has ",
        others.empty() ? "none at all" : absl::StrJoin(others, ", "),
        "; write a description by hand, and plan will show what is to be made")));
  }

  // Nodes on which at least one Jetty may run are those of the description; a description has no others per resource.
  void AddNodes() {
    for (const v1::PrimitiveFact* const jetty : jettys_) {
      std::set<std::string> nodes = all_nodes_;
      for (const v1::LocationFact& location : cib_.locations()) {
        if (Forbids(location, *jetty)) nodes.erase(location.node());
      }
      allowed_nodes_.insert(nodes.begin(), nodes.end());
    }
    // Kept off all nodes there would be nothing to describe; the plan shows what would have to go.
    if (allowed_nodes_.empty()) allowed_nodes_ = all_nodes_;
    if (allowed_nodes_.size() == all_nodes_.size()) return;
    *description().mutable_nodes() = {allowed_nodes_.begin(), allowed_nodes_.end()};
    for (const v1::PrimitiveFact* const jetty : jettys_) {
      for (const v1::LocationFact& location : cib_.locations()) {
        if (!Forbids(location, *jetty) || allowed_nodes_.contains(location.node())) continue;
        Remark(absl::StrCat("nodes: ", location.node(), " is left out, because the constraint ", location.id(),
                            " keeps ", location.resource(), " off it; add it to nodes if that is a leftover"));
      }
    }
  }

  // The same resource in the stored description; null when that has none.
  const v1::ResourceDescription* KnownAs(const v1::PrimitiveFact& primitive) const {
    const v1::ResourceDescription* found = nullptr;
    for (const v1::ResourceDescription& known : view_.description.resources()) {
      const bool is_the_one = known.unit() == "auto" && jettys_.size() == 1;
      if (known.unit() == primitive.type() || is_the_one) return &known;
      if (known.name() == primitive.id()) found = &known;
    }
    return found;
  }

  // Ports that the unit itself was seen to bind, on any node.
  std::set<uint32_t> BoundPorts(const v1::PrimitiveFact& primitive) const {
    std::set<uint32_t> ports;
    for (const auto& [node, host] : view_.nodes) {
      for (const v1::PortFact& fact : host.report.ports()) {
        if (fact.resource() != primitive.id()) continue;
        for (const v1::ListenerFact& listener : fact.listeners()) {
          if (listener.owned_by_unit() == v1::ANSWER_YES) ports.insert(fact.port());
        }
      }
    }
    return ports;
  }

  void AddResources() {
    std::vector<v1::ResourceDescription> resources;
    std::set<uint32_t> taken;
    for (const v1::PrimitiveFact* const jetty : jettys_) {
      const v1::ResourceDescription* const known = KnownAs(*jetty);
      resources.push_back(
          DescribeResource(*jetty, known, {allowed_nodes_.size(), all_nodes_.size()}, &result_.remarks));
      AddSeenPorts(*jetty, known, &resources.back());
      taken.insert(resources.back().ports().begin(), resources.back().ports().end());
    }
    for (v1::ResourceDescription& resource : resources) {
      if (resource.ports().empty()) GuessPort(&taken, &resource);
      *description().add_resources() = resource;
      const MaybeProblem problem = FindProblem(description());
      if (!problem.has_value()) {
        described_units_.insert(resource.unit());
        continue;
      }
      description().mutable_resources()->RemoveLast();
      // The path without "resources[N].", which is none of the result's.
      const std::string key = problem->path.substr(problem->path.find('.') + 1);
      Remark(absl::StrCat(resource.name(), " (systemd:", resource.unit(), ") is left out: ", key, " ", problem->what));
    }
  }

  void AddSeenPorts(const v1::PrimitiveFact& jetty, const v1::ResourceDescription* known,
                    v1::ResourceDescription* resource) {
    if (known != nullptr) {
      *resource->mutable_ports() = known->ports();
      *resource->mutable_health() = known->health();
      return RemarkOnHealth(*known);
    }
    for (const uint32_t port : BoundPorts(jetty)) resource->add_ports(port);
    if (resource->ports().empty()) return;
    SetUsualHealth(resource);
    Remark(absl::StrCat(jetty.id(), ": health path / and status 200 on port ", resource->ports(0),
                        " are a guess; check them (curl http://NODE:", resource->ports(0), "/)"));
  }

  void RemarkOnHealth(const v1::ResourceDescription& known) {
    for (const auto& [node, host] : view_.nodes) {
      for (const v1::HttpFact& fact : host.report.http()) {
        if (host.connected && fact.resource() == known.name() && fact.healthy() == v1::ANSWER_YES) return;
      }
    }
    Remark(absl::StrCat(known.name(), ": ports and health are those of the stored description, and no node answers on ",
                        known.health().port(), known.health().path(), " as they say; check them"));
  }

  void GuessPort(std::set<uint32_t>* taken, v1::ResourceDescription* resource) {
    uint32_t port = kUsualPort;
    while (!taken->insert(port).second) ++port;
    resource->add_ports(port);
    SetUsualHealth(resource);
    Remark(absl::StrCat(resource->name(), ": port ", port, " and the health check http://NODE:", port,
                        "/ with status 200 are a guess, because no port of ", resource->unit(),
                        " was seen; check them before you apply this"));
  }

  static void SetUsualHealth(v1::ResourceDescription* resource) {
    v1::HealthDescription* const health = resource->mutable_health();
    health->set_port(resource->ports(0));
    health->set_path("/");
    health->set_status(200);
    *health->mutable_timeout() = ToProto(absl::Seconds(2));
  }

  void AddAddresses() {
    for (const auto& [node, address] : view_.description.addresses()) {
      if (allowed_nodes_.contains(node)) (*description().mutable_addresses())[node] = address;
    }
  }

  void AddLoadBalancers() {
    for (const v1::LoadBalancerDescription& known : view_.description.load_balancers()) {
      v1::LoadBalancerDescription balancer = known;
      for (const v1::PrimitiveFact* const jetty : jettys_) {
        const v1::ResourceDescription* const resource = KnownAs(*jetty);
        if (resource != nullptr && resource->name() == known.resource()) balancer.set_resource(jetty->id());
      }
      for (const auto& [node, server] : known.servers()) {
        if (!allowed_nodes_.contains(node)) balancer.mutable_servers()->erase(node);
      }
      *description().add_load_balancers() = balancer;
      const MaybeProblem problem = FindProblem(description());
      if (!problem.has_value() || !absl::StartsWith(problem->path, "load_balancers[")) continue;
      description().mutable_load_balancers()->RemoveLast();
      Remark(absl::StrCat("load balancer ", known.host(), ", backend ", known.backend(),
                          ", of the stored description is left out: ", problem->what));
    }
  }

  void RemarkOnStored() {
    for (const v1::ResourceDescription& known : view_.description.resources()) {
      const bool described = std::any_of(jettys_.begin(), jettys_.end(), [&](const v1::PrimitiveFact* jetty) {
        return KnownAs(*jetty) == &known && described_units_.contains(jetty->type());
      });
      if (!described) {
        Remark(absl::StrCat("resource ", known.name(), " of the stored description is not in the cluster; left out"));
      }
    }
  }

  void RemarkOnWhatApplyWouldDo() {
    for (const v1::ResourceDescription& resource : description().resources()) {
      const Plan plan = PlanOfResource(description(), resource, view_);
      for (const PlanStep& step : plan.steps) {
        Remark(absl::StrCat("apply would ", step.what, ", because ", step.found));
      }
      if (!plan.refused.empty()) Remark(absl::StrCat("apply would be refused: ", plan.refused));
    }
  }

  const ClusterView& view_;
  const v1::CibFact& cib_;
  const v1::ClusterFact& cluster_;
  std::set<std::string> all_nodes_;
  std::set<std::string> allowed_nodes_;
  std::set<std::string> described_units_;
  std::vector<const v1::PrimitiveFact*> jettys_;
  DescribeResult result_;
};

}  // namespace

absl::StatusOr<DescribeResult> Describe(const std::string& cluster, const ClusterView& view) {
  const std::string dc = QuorateDc(view);
  if (dc.empty()) {
    return absl::UnavailableError(
        absl::StrCat("cluster ", cluster, ": ", DcClaims(view), "; it can be described when it has quorum"));
  }
  const v1::HostReport& report = view.nodes.at(dc).report;
  if (!report.has_cib() || !report.cib().error().empty()) {
    return absl::UnavailableError(absl::StrCat(
        "cluster ", cluster, ": the configuration is not known: ",
        report.cib().error().empty() ? absl::StrCat(dc, " has not reported it yet") : report.cib().error()));
  }
  return Describer(cluster, view, report).Run();
}

}  // namespace jettyfleet
