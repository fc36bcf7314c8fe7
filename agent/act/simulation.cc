#include "agent/act/simulation.h"

#include <map>
#include <pugixml.hpp>
#include <set>

#include "absl/strings/str_cat.h"
#include "agent/act/outcome.h"

namespace jettyfleet {
namespace {

constexpr int kMostOperations = 1000;

v1::Prediction Unknown(absl::string_view why) {
  v1::Prediction prediction;
  prediction.set_error(std::string(why));
  return prediction;
}

bool IsAboutInstances(const std::string& task) {
  return task == "start" || task == "stop" || task == "promote" || task == "demote" || task == "migrate_to" ||
         task == "migrate_from";
}

// Instances of a clone are listed one by one under the same id, or with a number after a colon.
std::string PrimitiveOf(const std::string& id) { return id.substr(0, id.find(':')); }

}  // namespace

v1::Prediction ReadSimulation(const std::string& xml) {
  v1::Prediction prediction;
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_buffer(xml.data(), xml.size());
  const pugi::xml_node root = document.document_element();
  const pugi::xml_node revised = root.child("revised_cluster_status").child("resources");
  if (!parsed || !revised) return Unknown("crm_simulate printed no revised status");
  // It is there, and empty, when nothing would be done.
  const pugi::xml_node transition = root.child("transition");
  if (!transition) return Unknown("crm_simulate printed no transition");
  for (const pugi::xml_node action : transition.children("rsc_action")) {
    const std::string task = action.attribute("op").value();
    if (!IsAboutInstances(task)) continue;
    if (prediction.operations_size() >= kMostOperations) {
      return Unknown(absl::StrCat("crm_simulate expects more than ", kMostOperations, " operations"));
    }
    v1::PredictedOperation* const operation = prediction.add_operations();
    operation->set_task(OneLine(task));
    operation->set_resource(OneLine(action.attribute("resource").value()));
    operation->set_node(OneLine(action.attribute("node").value()));
  }
  for (const pugi::xml_node action : transition.children("fencing_action")) {
    if (prediction.operations_size() >= kMostOperations) break;
    v1::PredictedOperation* const operation = prediction.add_operations();
    operation->set_task("fence");
    operation->set_node(OneLine(action.attribute("target").value()));
  }
  std::map<std::string, std::set<std::string>> nodes;
  for (const pugi::xpath_node& found : revised.select_nodes(".//resource")) {
    const pugi::xml_node resource = found.node();
    std::set<std::string>& running = nodes[PrimitiveOf(resource.attribute("id").value())];
    if (std::string(resource.attribute("role").value()) == "Stopped") continue;
    for (const pugi::xml_node node : resource.children("node")) running.insert(node.attribute("name").value());
  }
  for (const auto& [id, running] : nodes) {
    v1::PredictedPlacement* const placement = prediction.add_placements();
    placement->set_resource(OneLine(id));
    for (const std::string& node : running) placement->add_nodes(OneLine(node));
  }
  prediction.set_predicted(v1::ANSWER_YES);
  return prediction;
}

}  // namespace jettyfleet
