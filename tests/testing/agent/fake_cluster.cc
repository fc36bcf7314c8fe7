#include "tests/testing/agent/fake_cluster.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace jettyfleet {
namespace {

constexpr char kCib[] = R"(<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="10" num_updates="0"
    admin_epoch="0" have-quorum="1"><configuration>
  <crm_config>
    <cluster_property_set id="cib-bootstrap-options">
      <nvpair id="cib-bootstrap-options-stonith-enabled" name="stonith-enabled" value="true"/>
    </cluster_property_set>
  </crm_config>
  <nodes>
    <node id="1" uname="node-01"/>
    <node id="2" uname="node-02"/>
    <node id="3" uname="node-03"/>
  </nodes>
  <resources>
    <clone id="jetty-clone">
      <primitive id="jetty" class="systemd" type="jetty9">
        <operations>
          <op name="monitor" interval="30s" id="jetty-monitor-interval-30s"/>
        </operations>
      </primitive>
      <meta_attributes id="jetty-clone-meta_attributes">
        <nvpair id="jetty-clone-meta_attributes-clone-max" name="clone-max" value="2"/>
      </meta_attributes>
    </clone>
  </resources>
  <constraints/>
</configuration><status/></cib>)";

std::string Print(pugi::xml_node node) {
  std::ostringstream out;
  node.print(out, "  ");
  return out.str();
}

bool Is(const std::vector<std::string>& argv, const std::string& program) {
  return argv[0] == program || (argv.size() > 1 && absl::StrCat(argv[0], " ", argv[1]) == program);
}

CommandResult NothingFound() { return FakeCluster::Exit(105, "", "Call failed: No such device or address\n"); }

// What cibadmin --modify does below the element that it was given: attributes are set, children with an id that is not
// there are added.
void Merge(pugi::xml_node into, pugi::xml_node from) {
  for (const pugi::xml_attribute attribute : from.attributes()) {
    pugi::xml_attribute present = into.attribute(attribute.name());
    if (!present) present = into.append_attribute(attribute.name());
    present.set_value(attribute.value());
  }
  for (const pugi::xml_node child : from.children()) {
    const pugi::xml_node present = into.find_child_by_attribute(child.name(), "id", child.attribute("id").value());
    if (present) {
      Merge(present, child);
    } else {
      into.append_copy(child);
    }
  }
}

}  // namespace

FakeCluster::FakeCluster(Loop& loop) : loop_(loop) { cib_.load_string(kCib); }

void FakeCluster::Run(Command command, std::function<void(CommandResult)> done) {
  timers_.push_back(loop_.After(absl::ZeroDuration(), [this, argv = command.argv, done = std::move(done)] {
    calls.push_back(absl::StrJoin(argv, " "));
    done(Carry(argv));
  }));
}

CommandResult FakeCluster::Carry(const std::vector<std::string>& argv) {
  if (std::count(uninstalled_.begin(), uninstalled_.end(), argv[0]) > 0) {
    CommandResult result;
    result.status = absl::UnavailableError(absl::StrCat("cannot run ", argv[0], ": no such program"));
    return result;
  }
  const auto before =
      std::find_if(before_.begin(), before_.end(), [&](const auto& entry) { return Is(argv, entry.first); });
  if (before != before_.end()) {
    const std::function<void()> call = std::move(before->second);
    before_.erase(before);
    call();
  }
  const auto found = std::find_if(overrides_.begin(), overrides_.end(),
                                  [&](const Override& override) { return Is(argv, override.program); });
  const bool replaced = found != overrides_.end();
  Override override;
  if (replaced) {
    override = std::move(*found);
    overrides_.erase(found);
    if (!override.after_effect) return override.result;
  }
  CommandResult result = Exit(127, "", absl::StrCat(argv[0], ": not a program of the fake\n"));
  if (argv[0] == "cibadmin") result = Cibadmin(argv);
  if (argv[0] == "pcs") result = Pcs(argv);
  if (argv[0] == "crm_mon") result = CrmMon();
  if (argv[0] == "crmadmin") {
    result = Exit(0, absl::StrCat("<pacemaker-result api-version=\"2.25\" request=\"crmadmin --status=node-02 "
                                  "--output-as=xml\">\n  <crmd node_name=\"node-02\" state=\"",
                                  controller_state,
                                  "\" result=\"ok\"/>\n  <status code=\"0\" message=\"OK\"/>\n"
                                  "</pacemaker-result>\n"));
  }
  if (argv[0] == "corosync-quorumtool") {
    result = Exit(quorumtool_exit,
                  "Quorum information\n------------------\nMembership information\n         3          1 node-03\n");
  }
  if (argv[0] == "systemd-run") result = SystemdRun(argv);
  if (argv[0] == "systemctl") result = Systemctl(argv);
  if (std::optional<CommandResult> of_node = node.Run(argv); of_node.has_value()) result = *std::move(of_node);
  return replaced ? override.result : result;
}

void FakeCluster::Next(const std::string& program, CommandResult result, bool after_effect) {
  overrides_.push_back({program, std::move(result), after_effect});
}

void FakeCluster::BeforeNext(const std::string& program, std::function<void()> call) {
  before_.emplace_back(program, std::move(call));
}

void FakeCluster::Uninstall(const std::string& program) { uninstalled_.push_back(program); }

CommandResult FakeCluster::Exit(int code, std::string out, std::string err) {
  CommandResult result;
  result.exit_code = code;
  result.out = std::move(out);
  result.err = std::move(err);
  return result;
}

CommandResult FakeCluster::Hang() {
  CommandResult result;
  result.status = absl::DeadlineExceededError("it did not end within 30s and was killed");
  result.signal = 9;
  return result;
}

void FakeCluster::Remove(const std::string& xpath) {
  for (const pugi::xpath_node& found : cib_.select_nodes(xpath.c_str())) found.parent().remove_child(found.node());
}

void FakeCluster::Append(const std::string& parent_xpath, const std::string& xml) {
  pugi::xml_document document;
  document.load_string(xml.c_str());
  cib_.select_node(parent_xpath.c_str()).node().append_copy(document.document_element());
}

bool FakeCluster::Has(const std::string& xpath) const { return !cib_.select_nodes(xpath.c_str()).empty(); }

std::string FakeCluster::Cib() const { return Print(cib_.document_element()); }

CommandResult FakeCluster::Cibadmin(const std::vector<std::string>& argv) {
  const std::string& verb = argv[1];
  if (argv.size() == 2) return Exit(0, Cib());
  const std::string& selector = argv[2];
  if (verb == "--query" && selector == "--scope") {
    return Exit(0, Print(cib_.child("cib").child(argv[3].c_str())));
  }
  if (verb == "--query") {
    const pugi::xml_node found = cib_.select_node(argv[3].c_str()).node();
    return found ? Exit(0, Print(found)) : NothingFound();
  }
  if (verb == "--create") return Create(argv[3], argv[5]);
  if (verb == "--modify") return Modify(argv[3], argv[5]);
  if (verb == "--delete") {
    Remove(argv[3]);
    return Exit(0);  // whether it found anything or not
  }
  return Exit(64, "", "cibadmin: unknown option\n");
}

CommandResult FakeCluster::Create(const std::string& scope, const std::string& xml) {
  pugi::xml_document document;
  document.load_string(xml.c_str());
  const pugi::xml_node element = document.document_element();
  const std::string id = element.attribute("id").value();
  if (Has(absl::StrCat("//*[@id='", id, "']"))) {
    return Exit(108,
                absl::StrCat("<failed>\n  <failed_update id=\"", id,
                             "\" operation=\"cib_create\" reason=\"File exists\"/>\n</failed>\n"),
                "Call failed: File exists\n");
  }
  cib_.child("cib").child("configuration").child(scope.c_str()).append_copy(element);
  return Exit(0);
}

CommandResult FakeCluster::Modify(const std::string& xpath, const std::string& xml) {
  pugi::xml_document document;
  document.load_string(xml.c_str());
  const pugi::xml_node element = document.document_element();
  const pugi::xml_node found = cib_.select_node(xpath.c_str()).node();
  // The element that is given must carry the id of the one that is found.
  if (!found || std::string(found.attribute("id").value()) != element.attribute("id").value()) return NothingFound();
  Merge(found, element);
  return Exit(0);
}

CommandResult FakeCluster::Pcs(const std::vector<std::string>& argv) {
  if (argv[1] == "constraint" && argv[2] == "delete") return PcsDelete(argv[3]);
  if (argv[1] == "--" && argv[2] == "constraint" && argv[4] == "add") return PcsAvoid(argv);
  if (argv[1] == "constraint") return PcsLocation(argv);
  if (argv[2] == "update") return PcsOperation(argv);
  if (argv[2] == "meta") return PcsMeta(argv);
  if (argv[2] == "cleanup") return Exit(0, "Cleaned up jetty:0 on node-03\n");
  if (argv[2] == "create") return PcsCreate(argv);
  if (argv[2] == "clone") return PcsClone(argv);
  return Exit(1, "", "\nUsage: pcs [-f file] [-h] [commands]...\n");
}

CommandResult FakeCluster::PcsLocation(const std::vector<std::string>& argv) {
  // pcs constraint location CLONE rule id=R constraint-id=C score=-INFINITY #uname eq NODE and date lt END
  const std::string& resource = argv[3];
  const std::string rule_id(absl::StripPrefix(argv[5], "id="));
  const std::string id(absl::StripPrefix(argv[6], "constraint-id="));
  if (!Has(absl::StrCat("//resources//*[@id='", resource, "']"))) {
    return Exit(1, "", absl::StrCat("Error: Resource '", resource, "' does not exist\n"));
  }
  if (Has(absl::StrCat("//*[@id='", id, "']"))) {
    return Exit(1, "", absl::StrCat("Error: id '", id, "' is already in use, please specify another one\n"));
  }
  const std::string end = pcs_drops_the_end ? ""
                                            : absl::StrCat("<date_expression id=\"", rule_id,
                                                           "-expr-1\" operation=\"lt\" end=\"", argv[14], "\"/>");
  Append("//constraints", absl::StrCat("<rsc_location id=\"", id, "\" rsc=\"", resource, "\"><rule id=\"", rule_id,
                                       "\" boolean-op=\"and\" score=\"-INFINITY\"><expression id=\"", rule_id,
                                       "-expr\" operation=\"eq\" attribute=\"#uname\" value=\"", argv[10], "\"/>", end,
                                       "</rule></rsc_location>"));
  return Exit(0);
}

CommandResult FakeCluster::PcsDelete(const std::string& id) {
  if (!Has(absl::StrCat("//constraints/*[@id='", id, "']"))) {
    return Exit(1, "", absl::StrCat("Error: Unable to find constraint - '", id, "'\n"));
  }
  Remove(absl::StrCat("//constraints/*[@id='", id, "']"));
  return Exit(0);
}

CommandResult FakeCluster::PcsAvoid(const std::vector<std::string>& argv) {
  // pcs -- constraint location add ID RESOURCE NODE SCORE; replaces what has its id or is about the same.
  Remove(absl::StrCat("//rsc_location[@id='", argv[5], "' or (@rsc='", argv[6], "' and @node='", argv[7], "')]"));
  Append("//constraints", absl::StrCat("<rsc_location id=\"", argv[5], "\" rsc=\"", argv[6], "\" node=\"", argv[7],
                                       "\" score=\"", argv[8], "\"/>"));
  return Exit(0);
}

CommandResult FakeCluster::PcsOperation(const std::vector<std::string>& argv) {
  // pcs resource update RESOURCE op NAME A=B ...; what is not named is forgotten.
  const std::string operations = absl::StrCat("//primitive[@id='", argv[3], "']/operations");
  Remove(absl::StrCat(operations, "/op[@name='", argv[5], "']"));
  pugi::xml_node operation = cib_.select_node(operations.c_str()).node().append_child("op");
  operation.append_attribute("name").set_value(argv[5].c_str());
  for (std::size_t i = 6; i < argv.size(); ++i) {
    const std::string name = argv[i].substr(0, argv[i].find('='));
    operation.append_attribute(name.c_str()).set_value(argv[i].substr(name.size() + 1).c_str());
  }
  if (operation.attribute("interval").empty()) {
    operation.append_attribute("interval").set_value(argv[5] == "monitor" ? "60s" : "0s");
  }
  return Exit(0);
}

CommandResult FakeCluster::PcsMeta(const std::vector<std::string>& argv) {
  // pcs resource meta RESOURCE A=B ...; an empty value removes.
  pugi::xml_node resource = cib_.select_node(absl::StrCat("//resources//*[@id='", argv[3], "']").c_str()).node();
  pugi::xml_node meta = resource.child("meta_attributes");
  if (!meta) meta = resource.append_child("meta_attributes");
  for (std::size_t i = 4; i < argv.size(); ++i) {
    const std::string name = argv[i].substr(0, argv[i].find('='));
    meta.remove_child(meta.find_child_by_attribute("nvpair", "name", name.c_str()));
    if (argv[i].size() == name.size() + 1) continue;
    pugi::xml_node pair = meta.append_child("nvpair");
    pair.append_attribute("name").set_value(name.c_str());
    pair.append_attribute("value").set_value(argv[i].substr(name.size() + 1).c_str());
  }
  return Exit(0);
}

CommandResult FakeCluster::PcsCreate(const std::vector<std::string>& argv) {
  // pcs resource create NAME systemd:UNIT op monitor interval=30s
  const std::string& name = argv[3];
  if (Has(absl::StrCat("//*[@id='", name, "']")))
    return Exit(1, "", absl::StrCat("Error: '", name, "' already exists\n"));
  const std::string interval(absl::StripPrefix(argv[7], "interval="));
  Append("//resources",
         absl::StrCat("<primitive id=\"", name, "\" class=\"systemd\" type=\"", absl::StripPrefix(argv[4], "systemd:"),
                      "\"><operations><op name=\"monitor\" interval=\"", interval, "\" id=\"", name,
                      "-monitor-interval-", interval, "\"/></operations></primitive>"));
  return Exit(0);
}

CommandResult FakeCluster::PcsClone(const std::vector<std::string>& argv) {
  // pcs resource clone NAME [meta A=B ...]
  const std::string& name = argv[3];
  pugi::xml_node primitive = cib_.select_node(absl::StrCat("//resources/primitive[@id='", name, "']").c_str()).node();
  if (!primitive) return Exit(1, "", absl::StrCat("Error: ", name, " is already a clone resource\n"));
  pugi::xml_node resources = primitive.parent();
  pugi::xml_node clone = resources.append_child("clone");
  clone.append_attribute("id").set_value(absl::StrCat(name, "-clone").c_str());
  pugi::xml_node inside = clone.append_copy(primitive);
  resources.remove_child(primitive);
  pugi::xml_node meta = (pcs_misplaces_meta ? inside : clone).append_child("meta_attributes");
  meta.append_attribute("id").set_value(absl::StrCat(name, "-clone-meta_attributes").c_str());
  for (std::size_t i = 5; i < argv.size(); ++i) {
    const std::size_t equals = argv[i].find('=');
    pugi::xml_node pair = meta.append_child("nvpair");
    pair.append_attribute("name").set_value(argv[i].substr(0, equals).c_str());
    pair.append_attribute("value").set_value(argv[i].substr(equals + 1).c_str());
  }
  return Exit(0);
}

CommandResult FakeCluster::CrmMon() const {
  const std::string dc =
      dc_present
          ? absl::StrCat(
                "<current_dc present=\"true\" version=\"2.1.5-a3f44794f94\" name=\"node-02\" id=\"2\" with_quorum=\"",
                dc_has_quorum ? "true" : "false", "\" mixed_version=\"false\"/>")
          : std::string("<current_dc present=\"false\"/>");
  return Exit(0, absl::StrCat("<pacemaker-result api-version=\"2.25\" request=\"crm_mon --one-shot --output-as xml\">\n"
                              "  <summary>\n    <stack type=\"corosync\"/>\n    ",
                              dc, "\n  </summary>\n  <status code=\"0\" message=\"OK\"/>\n</pacemaker-result>\n"));
}

CommandResult FakeCluster::SystemdRun(const std::vector<std::string>& argv) {
  std::string unit;
  std::size_t i = 1;
  for (; i < argv.size() && absl::StartsWith(argv[i], "--"); ++i) {
    if (absl::StartsWith(argv[i], "--unit=")) unit = argv[i].substr(7);
  }
  if (timers.count(unit) > 0) {
    return Exit(1, "",
                absl::StrCat("Failed to start transient timer unit: Unit ", unit,
                             ".timer was already loaded or has a fragment file.\n"));
  }
  timers[unit] = std::vector<std::string>(argv.begin() + static_cast<std::ptrdiff_t>(i), argv.end());
  return Exit(0);
}

CommandResult FakeCluster::Systemctl(const std::vector<std::string>& argv) {
  const std::string unit(absl::StripSuffix(argv.back(), ".timer"));
  if (argv[1] == "is-active") return Exit(timers.count(unit) > 0 ? 0 : 3);
  if (absl::EndsWith(unit, "*")) {
    const std::string prefix(absl::StripSuffix(unit, "*"));
    for (auto timer = timers.begin(); timer != timers.end();) {
      timer = absl::StartsWith(timer->first, prefix) ? timers.erase(timer) : std::next(timer);
    }
    return Exit(0);
  }
  if (timers.erase(unit) == 0) {
    return Exit(5, "", absl::StrCat("Failed to stop ", unit, ".timer: Unit ", unit, ".timer not loaded.\n"));
  }
  return Exit(0);
}

}  // namespace jettyfleet
