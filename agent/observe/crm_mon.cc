#include "agent/observe/crm_mon.h"

#include <pugixml.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace jettyfleet {
namespace {

v1::Answer AnswerOf(const pugi::xml_attribute& attribute) {
  if (!attribute) return v1::ANSWER_UNSPECIFIED;
  const absl::string_view text = attribute.value();
  return text == "true" ? v1::ANSWER_YES : (text == "false" ? v1::ANSWER_NO : v1::ANSWER_UNSPECIFIED);
}

void AddNode(const pugi::xml_node& xml, v1::ClusterFact* fact) {
  v1::ClusterNodeFact* const node = fact->add_nodes();
  node->set_name(xml.attribute("name").value());
  node->set_id(xml.attribute("id").value());
  node->set_online(xml.attribute("online").as_bool());
  node->set_standby(xml.attribute("standby").as_bool());
  node->set_standby_onfail(xml.attribute("standby_onfail").as_bool());
  node->set_maintenance(xml.attribute("maintenance").as_bool());
  node->set_pending(xml.attribute("pending").as_bool());
  node->set_unclean(xml.attribute("unclean").as_bool());
  node->set_shutdown(xml.attribute("shutdown").as_bool());
  node->set_expected_up(xml.attribute("expected_up").as_bool());
  node->set_is_dc(xml.attribute("is_dc").as_bool());
  node->set_resources_running(xml.attribute("resources_running").as_uint());
}

absl::Status TooLarge() {
  return absl::ResourceExhaustedError(
      absl::StrCat("crm_mon printed more than ", kLargestClusterFactBytes, " bytes of facts"));
}

// Returns the bytes that the instance takes.
std::size_t AddInstance(const pugi::xml_node& xml, const std::string& clone, v1::ClusterFact* fact) {
  v1::InstanceFact* const instance = fact->add_instances();
  instance->set_resource(xml.attribute("id").value());
  instance->set_clone(clone);
  instance->set_agent(xml.attribute("resource_agent").value());
  instance->set_role(xml.attribute("role").value());
  instance->set_active(xml.attribute("active").as_bool());
  instance->set_blocked(xml.attribute("blocked").as_bool());
  instance->set_failed(xml.attribute("failed").as_bool());
  instance->set_managed(xml.attribute("managed").as_bool(true));
  // Pacemaker 3 says "removed" where 2.1 said "orphaned".
  instance->set_orphaned(xml.attribute("orphaned").as_bool() || xml.attribute("removed").as_bool());
  instance->set_disabled(std::string(xml.attribute("target_role").value()) == "Stopped");
  for (const pugi::xml_node& node : xml.children("node")) instance->add_nodes(node.attribute("name").value());
  return instance->ByteSizeLong();
}

// Clones, groups and bundles hold resources at any depth; the innermost clone names the instance's clone. Every
// instance repeats that name, so a small text can make large facts: `bytes` counts them, and too many are not read.
void AddInstances(const pugi::xml_node& parent, const std::string& clone, int depth, std::size_t* bytes,
                  v1::ClusterFact* fact) {
  if (depth > 8) return;
  for (const pugi::xml_node& child : parent.children()) {
    const std::string name = child.name();
    if (*bytes > kLargestClusterFactBytes) return;
    if (name == "resource") *bytes += AddInstance(child, clone, fact);
    if (name == "clone") AddInstances(child, child.attribute("id").value(), depth + 1, bytes, fact);
    if (name == "group") AddInstances(child, clone, depth + 1, bytes, fact);
  }
}

}  // namespace

absl::StatusOr<v1::ClusterFact> ParseCrmMon(const std::string& xml) {
  pugi::xml_document document;
  // pugixml expands no entities of a document type of its own, so a small input stays small.
  if (const pugi::xml_parse_result parsed = document.load_buffer(xml.data(), xml.size()); !parsed) {
    return absl::InvalidArgumentError(
        absl::StrCat("crm_mon printed no XML: ", parsed.description(), " at byte ", parsed.offset));
  }
  const pugi::xml_node result = document.child("pacemaker-result");
  const pugi::xml_attribute code = result.child("status").attribute("code");
  if (!result || !code) return absl::InvalidArgumentError("crm_mon printed XML without a pacemaker-result and status");
  int status = 0;
  if (!absl::SimpleAtoi(code.value(), &status)) {
    return absl::InvalidArgumentError("crm_mon printed XML whose status code is no number");
  }
  v1::ClusterFact fact;
  if (status != 0) {
    fact.set_connected(status == 102 ? v1::ANSWER_NO : v1::ANSWER_UNSPECIFIED);
    fact.set_error(absl::StrCat("crm_mon: ", result.child("status").attribute("message").value()));
    return fact;
  }
  const pugi::xml_node summary = result.child("summary");
  const pugi::xml_node dc = summary.child("current_dc");
  if (!summary || !dc) return absl::InvalidArgumentError("crm_mon printed XML without a summary");
  fact.set_connected(v1::ANSWER_YES);
  fact.set_dc_present(AnswerOf(dc.attribute("present")));
  fact.set_dc(dc.attribute("name").value());
  fact.set_dc_with_quorum(AnswerOf(dc.attribute("with_quorum")));
  fact.set_pacemaker_version(dc.attribute("version").value());
  const pugi::xml_node options = summary.child("cluster_options");
  fact.set_maintenance_mode(options.attribute("maintenance-mode").as_bool());
  fact.set_stonith_enabled(options.attribute("stonith-enabled").as_bool());
  for (const pugi::xml_node& node : result.child("nodes").children("node")) AddNode(node, &fact);
  std::size_t bytes = 0;
  AddInstances(result.child("resources"), "", 0, &bytes, &fact);
  if (bytes > kLargestClusterFactBytes) return TooLarge();
  for (const pugi::xml_node& ban : result.child("bans").children("ban")) fact.add_bans(ban.attribute("id").value());
  for (const pugi::xml_node& xml : result.child("failures").children("failure")) {
    v1::FailureFact* const failure = fact.add_failures();
    const std::string key = xml.attribute("op_key").value();
    // "RESOURCE_TASK_INTERVAL", and resources may hold underscores themselves.
    const std::string task = xml.attribute("task").value();
    const std::size_t end = task.empty() ? std::string::npos : key.rfind("_" + task + "_");
    failure->set_resource(key.substr(0, end));
    failure->set_operation(task);
    failure->set_node(xml.attribute("node").value());
    failure->set_exit_reason(xml.attribute("exitreason").value());
    failure->set_status(xml.attribute("exitstatus").value());
    failure->set_last_change(xml.attribute("last-rc-change").value());
  }
  if (fact.ByteSizeLong() > kLargestClusterFactBytes) return TooLarge();
  return fact;
}

std::string ParseControllerState(const std::string& xml) {
  pugi::xml_document document;
  if (!document.load_buffer(xml.data(), xml.size())) return "";
  return document.child("pacemaker-result").child("crmd").attribute("state").value();
}

}  // namespace jettyfleet
