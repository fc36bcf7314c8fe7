#include "coordinator/verify/judge.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "coordinator/plan/planner.h"
#include "coordinator/plan/resource_plan.h"

namespace jettyfleet {
namespace {

v1::VerifyFinding Finding(std::string subject, v1::Answer passed, std::string detail) {
  v1::VerifyFinding finding;
  finding.set_subject(std::move(subject));
  finding.set_passed(passed);
  finding.set_detail(std::move(detail));
  return finding;
}

v1::VerifyFinding JudgeQuorum(const ClusterView& view, absl::Time since) {
  const std::string dc = QuorateDc(view);
  std::vector<std::string> others;
  bool any_view = false;
  for (const auto& [name, node] : view.nodes) {
    if (!node.connected || !node.report.has_cluster()) continue;
    const v1::ClusterFact& fact = node.report.cluster();
    any_view |= fact.connected() != v1::ANSWER_UNSPECIFIED;
    if (fact.dc_present() != v1::ANSWER_YES || fact.dc() == dc) continue;
    others.push_back(absl::StrCat(name, " names ", fact.dc(),
                                  fact.dc_with_quorum() == v1::ANSWER_YES ? " with quorum" : " WITHOUT quorum"));
  }
  if (dc.empty()) return Finding("quorum", any_view ? v1::ANSWER_NO : v1::ANSWER_UNSPECIFIED, DcClaims(view));
  if (view.nodes.at(dc).fresh.cluster < since) {
    return Finding("quorum", v1::ANSWER_UNSPECIFIED, absl::StrCat("the DC ", dc, " did not answer in time"));
  }
  // In a partition both sides name a DC; the one that has quorum counts, and the other is said.
  return Finding("quorum", others.empty() ? v1::ANSWER_YES : v1::ANSWER_NO,
                 absl::StrCat("quorum, DC ", dc, others.empty() ? "" : "; but ", absl::StrJoin(others, ", ")));
}

// What the DC says of one node; empty when all is well.
std::string NodeTrouble(const v1::ClusterNodeFact& node) {
  std::vector<std::string> troubles;
  if (!node.online()) troubles.push_back("offline");
  if (node.unclean()) troubles.push_back("unclean");
  if (node.pending()) troubles.push_back("pending");
  if (node.standby()) troubles.push_back("in standby");
  if (node.standby_onfail()) troubles.push_back("in standby after a failure");
  if (node.maintenance()) troubles.push_back("in maintenance");
  if (node.shutdown()) troubles.push_back("shutting down");
  return absl::StrJoin(troubles, ", ");
}

void JudgeNodes(const ClusterView& view, const v1::ClusterFact* cluster, std::vector<v1::VerifyFinding>* findings) {
  std::set<std::string> named;
  if (cluster != nullptr) {
    for (const v1::ClusterNodeFact& node : cluster->nodes()) {
      named.insert(node.name());
      const std::string trouble = NodeTrouble(node);
      findings->push_back(Finding(absl::StrCat("node ", node.name()), trouble.empty() ? v1::ANSWER_YES : v1::ANSWER_NO,
                                  trouble.empty() ? "online" : trouble));
      const auto host = view.nodes.find(node.name());
      if (host == view.nodes.end() || !host->second.connected) {
        findings->push_back(Finding(absl::StrCat("agent ", node.name()), v1::ANSWER_UNSPECIFIED,
                                    "not connected: nothing is known of this node; start jettyfleet-agent there"));
      }
    }
    if (cluster->maintenance_mode()) {
      findings->push_back(Finding("cluster", v1::ANSWER_NO, "in maintenance mode: Pacemaker manages nothing"));
    }
    for (const v1::FailureFact& failure : cluster->failures()) {
      findings->push_back(Finding(absl::StrCat("failure of ", failure.resource()), v1::ANSWER_NO,
                                  absl::StrCat(failure.operation(), " failed on ", failure.node(), ": ",
                                               failure.status(), failure.exit_reason().empty() ? "" : ": ",
                                               failure.exit_reason(), "; pcs resource cleanup ", failure.resource())));
    }
  }
  for (const auto& [name, host] : view.nodes) {
    if (!named.contains(name) && !host.connected) {
      findings->push_back(Finding(absl::StrCat("agent ", name), v1::ANSWER_UNSPECIFIED, "not connected"));
    }
  }
}

void JudgeConfiguration(const v1::ClusterDescription& description, const v1::ResourceDescription& resource,
                        const ClusterView& view, std::vector<v1::VerifyFinding>* findings) {
  const std::string subject = absl::StrCat("resource ", resource.name());
  const std::string& error = view.nodes.at(QuorateDc(view)).report.cib().error();
  if (!error.empty()) {
    findings->push_back(Finding(subject, v1::ANSWER_UNSPECIFIED, absl::StrCat("the CIB could not be read: ", error)));
    return;
  }
  const Plan plan = PlanOfResource(description, resource, view);
  if (!plan.refused.empty()) return findings->push_back(Finding(subject, v1::ANSWER_NO, plan.refused));
  if (plan.steps.empty()) return findings->push_back(Finding(subject, v1::ANSWER_YES, "as described"));
  for (const PlanStep& step : plan.steps) {
    findings->push_back(Finding(subject, v1::ANSWER_NO, absl::StrCat(step.found, "; apply would ", step.what)));
  }
}

void JudgeBalancers(const ClusterView& view, absl::Time since, std::vector<v1::VerifyFinding>* findings) {
  for (const v1::LoadBalancerDescription& described : view.description.load_balancers()) {
    const auto host = view.load_balancers.find(described.host());
    if (host == view.load_balancers.end() || !host->second.connected) {
      findings->push_back(Finding(absl::StrCat("load balancer ", described.host()), v1::ANSWER_UNSPECIFIED,
                                  "its agent is not connected; start jettyfleet-agent there"));
      continue;
    }
    const std::map<std::string, std::string> servers(described.servers().begin(), described.servers().end());
    for (const auto& [node, server] : servers) {
      const std::string subject = absl::StrCat("server ", described.backend(), "/", server, " on ", described.host());
      const v1::LbServerFact* found = nullptr;
      for (const v1::LbServerFact& fact : host->second.report.lb_servers()) {
        if (fact.backend() == described.backend() && fact.server() == server) found = &fact;
      }
      if (found == nullptr || !found->error().empty() || host->second.fresh.lb_servers < since) {
        findings->push_back(Finding(subject, v1::ANSWER_UNSPECIFIED,
                                    found != nullptr && !found->error().empty() ? found->error() : "not observed"));
        continue;
      }
      const bool up = absl::StartsWith(found->status(), "UP") &&
                      found->admin_state() == v1::LbServerFact::ADMIN_STATE_READY && found->check_status() == "L7OK";
      findings->push_back(Finding(subject, up ? v1::ANSWER_YES : v1::ANSWER_NO,
                                  absl::StrCat(found->status(), ", check ",
                                               found->check_status().empty() ? "none yet" : found->check_status())));
    }
  }
}

}  // namespace

v1::VerifyFinding JudgeInstance(const HostView& host, const v1::ResourceDescription& resource, absl::Time since) {
  const std::string subject = absl::StrCat(resource.name(), " on ", host.host);
  if (!host.connected) return Finding(subject, v1::ANSWER_UNSPECIFIED, "its agent is not connected");
  const v1::UnitFact* unit = nullptr;
  for (const v1::UnitFact& fact : host.report.units()) {
    if (fact.unit() == absl::StrCat(resource.unit(), ".service")) unit = &fact;
  }
  if (unit == nullptr || unit->active_state().empty() || host.fresh.units < since) {
    return Finding(subject, v1::ANSWER_UNSPECIFIED,
                   unit != nullptr && !unit->error().empty() ? unit->error() : "its unit has not been observed");
  }
  if (unit->active_state() != "active") {
    std::string detail = absl::StrCat("unit ", unit->unit(), " is ", unit->active_state(), " (", unit->result(), ")");
    if (!unit->journal_tail().empty())
      absl::StrAppend(&detail, "; journal: ", absl::StrJoin(unit->journal_tail(), " | "));
    return Finding(subject, v1::ANSWER_NO, std::move(detail));
  }
  for (const uint32_t port : resource.ports()) {
    const v1::PortFact* bound = nullptr;
    for (const v1::PortFact& fact : host.report.ports()) {
      if (fact.resource() == resource.name() && fact.port() == port) bound = &fact;
    }
    if (bound == nullptr || bound->bound() == v1::ANSWER_UNSPECIFIED) {
      return Finding(
          subject, v1::ANSWER_UNSPECIFIED,
          absl::StrCat("port ", port, " could not be observed", bound != nullptr && !bound->error().empty() ? ": " : "",
                       bound != nullptr ? bound->error() : ""));
    }
    if (bound->bound() == v1::ANSWER_NO) {
      return Finding(subject, v1::ANSWER_NO, absl::StrCat("unit active, port ", port, " not bound"));
    }
    if (bound->bound_by_unit() != v1::ANSWER_YES) {
      std::string owner;
      for (const v1::ListenerFact& listener : bound->listeners()) {
        if (listener.owned_by_unit() != v1::ANSWER_YES) owner = listener.owner();
      }
      return Finding(subject, bound->bound_by_unit(),
                     absl::StrCat("port ", port, " is held by ", owner.empty() ? "an unknown process" : owner,
                                  bound->bound_by_unit() == v1::ANSWER_NO ? ", not by the unit" : ""));
    }
  }
  for (const v1::HttpFact& http : host.report.http()) {
    if (http.resource() != resource.name()) continue;
    if (host.fresh.http < since) break;
    if (http.healthy() == v1::ANSWER_YES) {
      return Finding(subject, v1::ANSWER_YES,
                     absl::StrCat("active, bound, HTTP ", http.status(), " in ", http.latency_us() / 1000.0, " ms"));
    }
    return Finding(subject, http.healthy(),
                   absl::StrCat("unit active, port bound, HTTP ",
                                http.error().empty() ? absl::StrCat("answered ", http.status()) : http.error()));
  }
  return Finding(subject, v1::ANSWER_UNSPECIFIED, "HTTP has not been probed");
}

std::vector<std::string> NodesRunning(const ClusterView& view, const v1::ResourceDescription& resource) {
  std::vector<std::string> running;
  const std::string dc = QuorateDc(view);
  if (dc.empty()) return running;
  for (const v1::InstanceFact& instance : view.nodes.at(dc).report.cluster().instances()) {
    if (instance.agent() != absl::StrCat("systemd:", resource.unit()) || instance.role() != "Started") continue;
    running.insert(running.end(), instance.nodes().begin(), instance.nodes().end());
  }
  std::sort(running.begin(), running.end());
  return running;
}

std::vector<v1::VerifyFinding> JudgeCluster(const ClusterView& view, absl::Time since) {
  std::vector<v1::VerifyFinding> findings;
  findings.push_back(JudgeQuorum(view, since));
  const std::string dc = QuorateDc(view);
  const v1::HostReport* const dc_report = dc.empty() ? nullptr : &view.nodes.at(dc).report;
  JudgeNodes(view, dc_report == nullptr ? nullptr : &dc_report->cluster(), &findings);
  if (view.description.resources().empty()) {
    findings.push_back(Finding("description", v1::ANSWER_UNSPECIFIED,
                               "this cluster has not been described yet; jettyfleet apply -f cluster.yaml"));
  }
  for (const v1::ResourceDescription& resource : view.description.resources()) {
    if (dc_report == nullptr) {
      findings.push_back(
          Finding(absl::StrCat("resource ", resource.name()), v1::ANSWER_UNSPECIFIED, "no quorate DC to ask"));
      continue;
    }
    const std::size_t allowed = AllowedNodes(view.description, view).size();
    if (dc_report->has_cib() && view.nodes.at(dc).fresh.cib >= since) {
      JudgeConfiguration(view.description, resource, view, &findings);
    } else {
      findings.push_back(
          Finding(absl::StrCat("resource ", resource.name()), v1::ANSWER_UNSPECIFIED, "the CIB has not been read"));
    }
    const std::vector<std::string> running = NodesRunning(view, resource);
    const std::size_t expected = std::min<std::size_t>(InstancesWanted(resource, allowed), allowed);
    findings.push_back(Finding(absl::StrCat("instances of ", resource.name()),
                               running.size() == expected ? v1::ANSWER_YES : v1::ANSWER_NO,
                               absl::StrCat(running.size(), " of ", expected, " started", running.empty() ? "" : ": ",
                                            absl::StrJoin(running, ", "))));
    for (const std::string& node : running) {
      const auto host = view.nodes.find(node);
      if (host != view.nodes.end()) findings.push_back(JudgeInstance(host->second, resource, since));
    }
  }
  JudgeBalancers(view, since, &findings);
  return findings;
}

v1::Answer Overall(const std::vector<v1::VerifyFinding>& findings) {
  v1::Answer overall = v1::ANSWER_YES;
  for (const v1::VerifyFinding& finding : findings) {
    if (finding.passed() == v1::ANSWER_NO) return v1::ANSWER_NO;
    if (finding.passed() != v1::ANSWER_YES) overall = v1::ANSWER_UNSPECIFIED;
  }
  return overall;
}

}  // namespace jettyfleet
