#include "coordinator/rolling/audit/balancer_audit.h"

#include "absl/strings/str_cat.h"
#include "coordinator/rolling/facts.h"

namespace jettyfleet {
namespace {

const v1::LbServerFact* Find(const HostView& host, const v1::AuditBaseline::Server& server) {
  for (const v1::LbServerFact& fact : host.report.lb_servers()) {
    if (fact.backend() == server.backend() && fact.server() == server.server()) return &fact;
  }
  return nullptr;
}

std::string StateName(v1::LbServerFact::AdminState state) {
  if (state == v1::LbServerFact::ADMIN_STATE_READY) return "ready";
  return state == v1::LbServerFact::ADMIN_STATE_DRAIN ? "draining" : "in maintenance";
}

void JudgeServer(const v1::AuditBaseline::Server& before, const HostView& host, Findings* findings) {
  const std::string name = absl::StrCat("server ", before.backend(), "/", before.server());
  const v1::LbServerFact* const now = Find(host, before);
  if (now == nullptr || now->admin_state() == v1::LbServerFact::ADMIN_STATE_UNSPECIFIED) {
    return findings->Unknown(host.host, absl::StrCat("the state of ", name, " is not told"));
  }
  if (now->admin_state() == before.state()) return;
  // Whatever we drain is on a lease, which is looked for by itself.
  findings->Remark(host.host, absl::StrCat(name, " was ", StateName(before.state()), " and is ",
                                           StateName(now->admin_state()), " now, not by our hand"));
}

}  // namespace

void AuditBalancers(AuditCase* audit) {
  audit->findings.Begin("load-balancers");
  for (const v1::LoadBalancerDescription& described : audit->now.view.description.load_balancers()) {
    const HostView* const host = ConnectedLoadBalancer(audit->now.view, described.host());
    if (host == nullptr) {
      audit->findings.Unknown(described.host(), "its agent is not connected");
      continue;
    }
    if (host->fresh.lb_servers < audit->now.since) {
      audit->findings.Unknown(described.host(), "it has not told its servers' states yet");
      continue;
    }
    for (const v1::LeaseFact& lease : host->report.leases()) {
      if (lease.operation_id() != audit->expected.operation_id) continue;
      audit->findings.Fail(described.host(), absl::StrCat("it still holds ", lease.target(), " by lease ", lease.id()),
                           absl::StrCat("'jettyfleet restore ", audit->now.view.cluster, "' ends it"));
    }
    for (const v1::AuditBaseline::Server& server : audit->baseline.servers()) {
      if (server.host() == described.host() && server.backend() == described.backend()) {
        JudgeServer(server, *host, &audit->findings);
      }
    }
  }
}

}  // namespace jettyfleet
