#include "agent/act/predict_transition.h"

#include <pugixml.hpp>
#include <sstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/act/cib_copy.h"
#include "agent/act/outcome.h"
#include "agent/act/simulation.h"

namespace jettyfleet {
namespace {

using Look = v1::PredictTransition;

// What is put into the copy; ids that no operator has.
constexpr char kTrialId[] = "jettyfleet-trial";

// Functions, because GCC 12 miscompiles initializer lists inside coroutines.
std::vector<std::string> QueryCib() { return {"cibadmin", "--query"}; }

std::vector<std::string> Simulate(const Look& look, const std::string& file, const std::string& interval) {
  std::vector<std::string> argv = {"crm_simulate", "--simulate", "--output-as=xml", "--xml-file", file};
  if (look.cause() == Look::CAUSE_MONITOR_FAILS) {
    argv.insert(argv.end(),
                {"--op-inject", absl::StrCat(look.resource(), "_monitor_", interval, "@", look.node(), "=7")});
  }
  if (look.cause() == Look::CAUSE_NODE_LOST) argv.insert(argv.end(), {"--node-fail", look.node()});
  return argv;
}

v1::ActionResult DoneWith(v1::Prediction prediction) {
  v1::ActionResult result = Done();
  *result.add_predictions() = std::move(prediction);
  return result;
}

v1::ActionResult Unknown(const std::string& why) {
  v1::Prediction prediction;
  prediction.set_error(OneLine(why));
  return DoneWith(prediction);
}

pugi::xml_node FindById(pugi::xml_node section, const std::string& id) {
  return section.find_node([&id](pugi::xml_node node) { return node.attribute("id").value() == id; });
}

pugi::xml_node FindNode(pugi::xml_node section, const char* element, const std::string& name) {
  for (const pugi::xml_node node : section.children(element)) {
    if (node.attribute("uname").value() == name) return node;
  }
  return {};
}

void Avoid(const Look& look, pugi::xml_node configuration) {
  pugi::xml_node location = configuration.child("constraints").append_child("rsc_location");
  location.append_attribute("id") = kTrialId;
  location.append_attribute("rsc") = look.resource().c_str();
  location.append_attribute("node") = look.node().c_str();
  location.append_attribute("score") = "-INFINITY";
}

// Highest score: a `standby=off` in another set would win over an equal one.
void PutIntoStandby(pugi::xml_node node) {
  pugi::xml_node set = node.append_child("instance_attributes");
  set.append_attribute("id") = kTrialId;
  set.append_attribute("score") = "INFINITY";
  pugi::xml_node pair = set.append_child("nvpair");
  pair.append_attribute("id") = absl::StrCat(kTrialId, "-standby").c_str();
  pair.append_attribute("name") = "standby";
  pair.append_attribute("value") = "on";
}

bool Succeeded(const CommandResult& result) { return result.status.ok() && result.exit_code == 0; }

}  // namespace

absl::StatusOr<std::string> CibWith(const Look& look, const std::string& cib) {
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_buffer(cib.data(), cib.size());
  pugi::xml_node configuration = document.child("cib").child("configuration");
  if (!parsed || !configuration) return absl::InvalidArgumentError("cibadmin printed no CIB");
  const pugi::xml_node node = FindNode(configuration.child("nodes"), "node", look.node());
  if (!node) return absl::InvalidArgumentError(absl::StrCat("the cluster has no node ", look.node()));
  if (!look.resource().empty() && !FindById(configuration.child("resources"), look.resource())) {
    return absl::InvalidArgumentError(absl::StrCat("the cluster has no resource ", look.resource()));
  }
  if (look.cause() == Look::CAUSE_EVICTED) Avoid(look, configuration);
  if (look.cause() == Look::CAUSE_STANDBY) PutIntoStandby(node);
  std::ostringstream changed;
  document.save(changed);
  return changed.str();
}

absl::StatusOr<std::string> MonitorInterval(const Look& look, const std::string& cib) {
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_buffer(cib.data(), cib.size());
  const pugi::xml_node status = document.child("cib").child("status");
  if (!parsed || !status) return absl::InvalidArgumentError("cibadmin printed no CIB");
  const pugi::xml_node history = FindNode(status, "node_state", look.node()).child("lrm").child("lrm_resources");
  // An instance of a clone may be numbered.
  for (const pugi::xml_node resource : history.children("lrm_resource")) {
    const std::string id = resource.attribute("id").value();
    if (id.substr(0, id.find(':')) != look.resource()) continue;
    for (const pugi::xml_node operation : resource.children("lrm_rsc_op")) {
      const std::string interval = operation.attribute("interval").value();
      if (std::string(operation.attribute("operation").value()) == "monitor" && interval != "0") return interval;
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat("no monitor of ", look.resource(), " has run on ", look.node(), " that could find it stopped"));
}

Task<v1::ActionResult> Predict(Tools& tools, std::string scratch, Look look) {
  const CommandResult cib = co_await tools.Run(QueryCib());
  if (!Succeeded(cib)) co_return Refused(absl::StrCat("cannot read the CIB: cibadmin: ", WhyItFailed(cib)));
  const absl::StatusOr<std::string> tried = CibWith(look, cib.out);
  if (!tried.ok()) co_return Unknown(std::string(tried.status().message()));
  std::string interval;
  if (look.cause() == Look::CAUSE_MONITOR_FAILS) {
    const absl::StatusOr<std::string> found = MonitorInterval(look, cib.out);
    if (!found.ok()) co_return Unknown(std::string(found.status().message()));
    interval = *found;
  }
  CibCopy copy(scratch);
  const absl::Status written = copy.Write(*tried);
  if (!written.ok()) co_return Failed(absl::string_view(written.message()));
  const CommandResult simulated = co_await tools.Run(Simulate(look, copy.path(), interval));
  if (!Succeeded(simulated)) co_return Unknown(absl::StrCat("crm_simulate: ", WhyItFailed(simulated)));
  co_return DoneWith(ReadSimulation(simulated.out));
}

}  // namespace jettyfleet
