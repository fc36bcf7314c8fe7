#include "client/render/status_view.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/render/node_row.h"
#include "client/render/table.h"
#include "client/render/text.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr int kShownJournalLines = 3;
constexpr char kIndent[] = "  ";

struct RowKey {
  std::string resource;
  std::string unit;  // with ".service"
};

// What the description names; without one, whatever units the node has.
std::vector<RowKey> RowsOf(const v1::ClusterStatus& cluster, const v1::HostStatus& host) {
  std::vector<RowKey> rows;
  for (const v1::ResourceDescription& resource : cluster.description().resources()) {
    rows.push_back({resource.name(), resource.unit() + ".service"});
  }
  if (rows.empty()) {
    for (const v1::UnitFact& unit : host.report().units()) rows.push_back({"", unit.unit()});
  }
  if (rows.empty()) rows.push_back({});
  return rows;
}

std::string Headline(const v1::ClusterStatus& cluster, bool colour) {
  const Cell healthy = cluster.healthy() == v1::ANSWER_YES  ? Cell{"healthy", Tone::kGood}
                       : cluster.healthy() == v1::ANSWER_NO ? Cell{"NOT HEALTHY", Tone::kBad}
                                                            : Cell{"health unknown", Tone::kUnknown};
  const Cell quorum = AnswerCell(cluster.quorum());
  return absl::StrCat(
      "cluster ", Harmless(cluster.cluster()), ": ", Paint(healthy.text, healthy.tone, colour), "   DC ",
      cluster.dc().empty() ? Paint("unknown", Tone::kUnknown, colour) : Harmless(cluster.dc()), "   quorum ",
      Paint(quorum.text, quorum.tone, colour), "   as of ", DateTimeText(cluster.as_of()), "\n");
}

std::string NodeTable(const v1::ClusterStatus& cluster, bool colour) {
  const absl::Time now = FromProto(cluster.as_of());
  Table table({{"NODE"}, {"AGENT"}, {"ONLINE"}, {"RESOURCE"}, {"UNIT"}, {"PORT"}, {"HTTP"}, {"LB"}, {"NOTE"}});
  for (const v1::HostStatus& host : cluster.nodes()) {
    for (const RowKey& row : RowsOf(cluster, host)) {
      const bool described = !row.resource.empty();
      table.AddRow({{host.host()},
                    AgentCell(host, now),
                    OnlineCell(cluster, host.host()),
                    {described ? row.resource : row.unit},
                    row.unit.empty() ? Cell{"?", Tone::kUnknown} : UnitCell(host, row.unit),
                    described ? PortsCell(host, row.resource) : Cell{"-", Tone::kFaint},
                    described ? HttpCell(host, row.resource) : Cell{"-", Tone::kFaint},
                    described ? LoadBalancerCell(cluster, host.host(), row.resource) : Cell{"-", Tone::kFaint},
                    {NodeNotes(cluster, host)}});
    }
  }
  return table.empty() ? absl::StrCat(kIndent, "no agent of a node has been heard\n") : table.Render(colour, kIndent);
}

std::string LoadBalancerTable(const v1::ClusterStatus& cluster, bool colour) {
  if (cluster.load_balancers().empty()) return "";
  const absl::Time now = FromProto(cluster.as_of());
  Table table({{"LOAD BALANCER"}, {"AGENT"}, {"SERVERS"}, {"NOTE"}});
  for (const v1::HostStatus& host : cluster.load_balancers()) {
    const int servers = host.report().lb_servers_size();
    table.AddRow({{host.host()},
                  AgentCell(host, now),
                  host.connected() ? Cell{absl::StrCat(servers)} : Cell{"?", Tone::kUnknown},
                  {NodeNotes(cluster, host)}});
  }
  return absl::StrCat("\n", table.Render(colour, kIndent));
}

// What explains a failed unit stands in its journal, so its last lines are shown with it.
std::string FailedUnits(const v1::ClusterStatus& cluster, bool colour) {
  std::string out;
  for (const v1::HostStatus& host : cluster.nodes()) {
    if (!host.connected()) continue;
    for (const v1::UnitFact& unit : host.report().units()) {
      if (!unit.error().empty()) {
        absl::StrAppend(&out, kIndent, Harmless(host.host()), ": ", Harmless(unit.unit()),
                        " cannot be seen: ", Harmless(unit.error()), "\n");
      }
      if (unit.active_state() != "failed") continue;
      absl::StrAppend(&out, kIndent, Harmless(host.host()), ": ", Harmless(unit.unit()), " failed; its journal:\n");
      for (int i = std::max(0, unit.journal_tail_size() - kShownJournalLines); i < unit.journal_tail_size(); ++i) {
        absl::StrAppend(&out, kIndent, kIndent, Paint(Harmless(unit.journal_tail(i)), Tone::kFaint, colour), "\n");
      }
    }
  }
  return out;
}

// The cluster's own failed actions, each said once however many nodes report it.
std::string FailedActions(const v1::ClusterStatus& cluster) {
  std::set<std::string> lines;
  for (const v1::HostStatus& host : cluster.nodes()) {
    if (!host.connected()) continue;
    for (const v1::FailureFact& failure : host.report().cluster().failures()) {
      lines.insert(absl::StrCat(kIndent, "failed action: ", Harmless(failure.operation()), " of ",
                                Harmless(failure.resource()), " on ", Harmless(failure.node()), ": ",
                                Harmless(failure.exit_reason().empty() ? failure.status() : failure.exit_reason()),
                                "\n"));
    }
  }
  std::string out;
  for (const std::string& line : lines) out += line;
  return out;
}

std::string RenderCluster(const v1::ClusterStatus& cluster, bool colour) {
  std::string out = Headline(cluster, colour);
  for (const std::string& problem : cluster.problems()) {
    absl::StrAppend(&out, kIndent, Paint("problem:", Tone::kBad, colour), " ", Harmless(problem), "\n");
  }
  absl::StrAppend(&out, "\n", NodeTable(cluster, colour), LoadBalancerTable(cluster, colour));
  const std::string failures = absl::StrCat(FailedActions(cluster), FailedUnits(cluster, colour));
  if (!failures.empty()) absl::StrAppend(&out, "\n", failures);
  if (cluster.description().resources().empty()) {
    absl::StrAppend(&out, "\n", kIndent, "not described yet; run: jettyfleet apply -f cluster.yaml\n");
  }
  if (!cluster.running_operation().empty()) {
    absl::StrAppend(&out, "\n", kIndent, "running: ", Harmless(cluster.running_operation()),
                    "; follow it with: jettyfleet drill watch ", Harmless(cluster.running_operation()), "\n");
  }
  return out;
}

}  // namespace

std::string RenderStatus(const v1::GetStatusResponse& response, bool colour) {
  std::string out;
  for (const v1::ClusterStatus& cluster : response.clusters()) {
    if (!out.empty()) out += "\n";
    out += RenderCluster(cluster, colour);
  }
  if (response.clusters().empty()) {
    out = "no cluster is known yet: no agent has connected and nothing has been applied\n";
  }
  return out;
}

}  // namespace jettyfleet
