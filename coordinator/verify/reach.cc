#include "coordinator/verify/reach.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "coordinator/verify/judge.h"

namespace jettyfleet {

std::vector<ReachQuestion> ReachQuestions(const ClusterView& view) {
  std::vector<ReachQuestion> questions;
  const v1::TrafficDescription& traffic = view.description.traffic();
  if (traffic.url().empty()) return questions;
  ReachQuestion question;
  question.traffic = traffic;
  for (const v1::ResourceDescription& resource : view.description.resources()) {
    const std::vector<std::string> running = NodesRunning(view, resource);
    for (const v1::LoadBalancerDescription& balancer : view.description.load_balancers()) {
      if (balancer.resource() != resource.name()) continue;
      for (const std::string& node : running) {
        const auto server = balancer.servers().find(node);
        if (server == balancer.servers().end()) continue;
        question.nodes.insert(node);
        question.node_of_server[server->second] = node;
      }
    }
  }
  if (question.nodes.empty()) return questions;
  questions.push_back(question);
  for (const v1::LoadBalancerDescription& own : view.description.load_balancers()) {
    const std::string scheme_and_host = absl::StrCat("http://", own.host());
    const std::string& url = traffic.url();
    const bool is_its =
        url.rfind(scheme_and_host, 0) == 0 &&
        (url.size() == scheme_and_host.size() || url[scheme_and_host.size()] == ':' || url[scheme_and_host.size()] == '/');
    if (!is_its) continue;
    std::set<std::string> asked = {own.host()};
    for (const v1::LoadBalancerDescription& other : view.description.load_balancers()) {
      if (!asked.insert(other.host()).second) continue;
      question.traffic.set_url(absl::StrCat("http://", other.host(), url.substr(scheme_and_host.size())));
      questions.push_back(question);
    }
    break;
  }
  return questions;
}

v1::VerifyFinding JudgeReach(const ReachQuestion& question, const ReachAnswer& answer) {
  v1::VerifyFinding finding;
  finding.set_subject(absl::StrCat("traffic through ", answer.url));
  if (!answer.usable.ok()) {
    finding.set_detail(std::string(answer.usable.message()));
    return finding;
  }
  const std::string counts =
      absl::StrJoin(answer.by_node, ", ", [](std::string* out, const auto& entry) {
        absl::StrAppend(out, entry.first, " ", entry.second);
      });
  std::vector<std::string> silent;
  for (const std::string& node : question.nodes) {
    if (!answer.by_node.contains(node)) silent.push_back(node);
  }
  if (answer.failures > 0) {
    finding.set_passed(v1::ANSWER_NO);
    finding.set_detail(absl::StrCat(answer.failures, " of ", answer.requests, " requests failed (",
                                    answer.first_failure, ")", counts.empty() ? "" : "; answered: ", counts));
  } else if (silent.empty()) {
    finding.set_passed(v1::ANSWER_YES);
    finding.set_detail(absl::StrCat("every node answered (", counts, ")"));
  } else if (answer.nameless > 0) {
    finding.set_detail(absl::StrCat(answer.nameless, " of ", answer.requests,
                                    " answers did not say which node they came from; describe traffic.node_pattern"));
  } else {
    finding.set_passed(v1::ANSWER_NO);
    finding.set_detail(absl::StrCat("never answered by ", absl::StrJoin(silent, ", "), " in ", answer.requests,
                                    " requests", counts.empty() ? "" : "; answered: ", counts));
  }
  return finding;
}

}  // namespace jettyfleet
