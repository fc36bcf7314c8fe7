#include "agent/act/cib.h"

#include <pugixml.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/act/fields.h"
#include "agent/act/outcome.h"
#include "agent/observe/crm_mon.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr int kNotConnected = 102;  // exit of Pacemaker's tools where the cluster does not run on this host

absl::Status NoQuorum(absl::string_view why) {
  return absl::FailedPreconditionError(
      absl::StrCat("no quorum, so the CIB is left alone; try again when the cluster has it: ", why));
}

// crm_mon's half of the question.
absl::StatusOr<std::string> DcWithQuorum(const CommandResult& crm_mon) {
  if (!crm_mon.status.ok() || crm_mon.exit_code != 0) return NoQuorum(absl::StrCat("crm_mon: ", WhyItFailed(crm_mon)));
  pugi::xml_document document;
  if (!document.load_buffer(crm_mon.out.data(), crm_mon.out.size())) return NoQuorum("crm_mon printed no XML");
  const pugi::xml_node dc = document.document_element().child("summary").child("current_dc");
  if (std::string(dc.attribute("present").value()) != "true") return NoQuorum("crm_mon sees no DC");
  if (std::string(dc.attribute("with_quorum").value()) != "true") {
    return NoQuorum(
        absl::StrCat("crm_mon says that the partition of DC ", OneLine(dc.attribute("name").value()), " has none"));
  }
  return std::string(dc.attribute("name").value());
}

// Functions, because GCC 12 miscompiles initializer lists inside coroutines.
std::vector<std::string> CrmMonCommand() { return {"crm_mon", "--one-shot", "--output-as", "xml"}; }
// It has been seen to hang without a limit of its own.
std::vector<std::string> ControllerCommand(const std::string& dc) {
  return {"crmadmin", "--timeout=5s", absl::StrCat("--status=", dc), "--output-as=xml"};
}
std::vector<std::string> QuorumtoolCommand() { return {"corosync-quorumtool", "-s"}; }

std::vector<std::string> Cibadmin(std::string verb, std::string selector, std::string value) {
  return {"cibadmin", std::move(verb), std::move(selector), std::move(value)};
}

}  // namespace

Task<absl::StatusOr<std::string>> Cib::QuorateDc() {
  const CommandResult crm_mon = co_await tools_.Run(CrmMonCommand());
  absl::StatusOr<std::string> dc = DcWithQuorum(crm_mon);
  if (!dc.ok()) co_return dc;
  const CommandResult quorumtool = co_await tools_.Run(QuorumtoolCommand());
  if (!quorumtool.status.ok() || quorumtool.exit_code != 0) {
    // Exit 2 is "not quorate"; its last line is then a row of its table, which explains nothing.
    co_return NoQuorum(quorumtool.status.ok() && quorumtool.exit_code == 2
                           ? std::string("corosync-quorumtool says that this node is in no quorate partition")
                           : absl::StrCat("corosync-quorumtool: ", WhyItFailed(quorumtool)));
  }
  co_return dc;
}

Task<absl::Status> Cib::CheckQuorum() {
  const absl::StatusOr<std::string> dc = co_await QuorateDc();
  co_return dc.status();
}

Task<absl::Status> Cib::CheckQuorumAndRest() {
  const absl::StatusOr<std::string> dc = co_await QuorateDc();
  if (!dc.ok()) co_return dc.status();
  const CommandResult asked = co_await tools_.Run(ControllerCommand(*dc));
  const std::string state = asked.status.ok() ? ParseControllerState(asked.out) : "";
  if (state == "S_IDLE") co_return absl::OkStatus();
  co_return absl::UnavailableError(
      state.empty() ? absl::StrCat("cannot find out whether the cluster is at rest: crmadmin: ", WhyItFailed(asked))
                    : absl::StrCat("the cluster is in transition (", OneLine(state), " on ", OneLine(*dc),
                                   "); try again when it is at rest"));
}

Task<absl::StatusOr<CibDocument>> Cib::Read() {
  const CommandResult result = co_await tools_.Run(Cibadmin("--query", "--scope", "configuration"));
  if (!result.status.ok() || result.exit_code != 0) {
    absl::StatusCode code = result.status.code();
    if (result.status.ok()) {
      code = result.exit_code == kNotConnected ? absl::StatusCode::kFailedPrecondition : absl::StatusCode::kInternal;
    }
    co_return absl::Status(code, absl::StrCat("cannot read the CIB: cibadmin: ", WhyItFailed(result)));
  }
  co_return CibDocument::Parse(result.out);
}

bool Cib::IsNoClusterNode(const absl::Status& read) const {
  return absl::IsUnavailable(read) || (absl::IsFailedPrecondition(read) && tools_.has_haproxy());
}

Task<CommandResult> Cib::Create(std::string scope, std::string xml) {
  std::vector<std::string> argv = Cibadmin("--create", "--scope", std::move(scope));
  argv.push_back("--xml-text");
  argv.push_back(std::move(xml));
  co_return co_await tools_.Run(std::move(argv));
}

Task<CommandResult> Cib::Modify(std::string xpath, std::string xml) {
  std::vector<std::string> argv = Cibadmin("--modify", "--xpath", std::move(xpath));
  argv.push_back("--xml-text");
  argv.push_back(std::move(xml));
  co_return co_await tools_.Run(std::move(argv));
}

Task<CommandResult> Cib::Delete(std::string xpath) {
  co_return co_await tools_.Run(Cibadmin("--delete", "--xpath", std::move(xpath)));
}

std::string XpathOf(const v1::CibEntryFact& entry) {
  if (entry.id() != kLockId && !IsLeaseId(entry.id())) return "";
  std::string end;
  if (entry.has_ends_at()) end = CibTime(FromProto(entry.ends_at()));
  switch (entry.kind()) {
    case v1::CibEntryFact::KIND_EVICT_RULE:
      return absl::StrCat("//constraints/rsc_location[@id='", entry.id(), "']",
                          end.empty() ? "" : absl::StrCat("[rule/date_expression/@end='", end, "']"));
    case v1::CibEntryFact::KIND_STANDBY_SET:
      return absl::StrCat("//nodes/node/instance_attributes[@id='", entry.id(), "']",
                          end.empty() ? "" : absl::StrCat("[rule/date_expression/@end='", end, "']"));
    case v1::CibEntryFact::KIND_LOCK:
      return absl::StrCat("//crm_config/cluster_property_set[@id='", entry.id(), "']",
                          end.empty() ? "" : absl::StrCat("[nvpair[@name='jettyfleet-ends'][@value='", end, "']]"));
    default:
      return "";
  }
}

absl::Time RoundUpToSecond(absl::Time time) {
  const absl::Time whole = absl::FromUnixSeconds(absl::ToUnixSeconds(time));
  return whole < time ? whole + absl::Seconds(1) : whole;
}

std::string CibTime(absl::Time time) { return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone()); }

std::string Describe(const v1::CibEntryFact& entry) {
  const std::string until =
      entry.has_ends_at() ? absl::StrCat(" until ", CibTime(FromProto(entry.ends_at()))) : " without a readable end";
  if (entry.kind() == v1::CibEntryFact::KIND_LOCK) {
    return OneLine(absl::StrCat("the lock of operation '", entry.operation_id(), "', held by ", entry.holder(), until));
  }
  return OneLine(absl::StrCat(entry.kind() == v1::CibEntryFact::KIND_STANDBY_SET ? "standby set " : "location rule ",
                              entry.id(), " on node ", entry.node(), until));
}

}  // namespace jettyfleet
