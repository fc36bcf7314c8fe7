#include "agent/act/predict.h"

#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/act/cib_change.h"
#include "agent/act/cib_command.h"
#include "agent/act/cib_document.h"
#include "agent/act/outcome.h"
#include "agent/act/simulation.h"
#include "common/durable_file.h"

namespace jettyfleet {
namespace {

// Functions, because GCC 12 miscompiles initializer lists inside coroutines.
std::vector<std::string> QueryCib() { return {"cibadmin", "--query"}; }

std::vector<std::string> Simulate(const std::string& file, const std::string& next) {
  return {"crm_simulate", "--simulate", "--output-as=xml", "--xml-file", file, "--save-output", next};
}

v1::Prediction Unknown(const std::string& why) {
  v1::Prediction prediction;
  prediction.set_error(OneLine(why));
  return prediction;
}

v1::Prediction Nothing() {
  v1::Prediction prediction;
  prediction.set_predicted(v1::ANSWER_YES);
  return prediction;
}

absl::StatusOr<CibDocument> ReadCopy(const std::string& path) {
  std::ostringstream xml;
  xml << std::ifstream(path).rdbuf();
  return CibDocument::Parse(xml.str());
}

// Needed: pcs may try it. The same judgement as before the act itself.
CibChange Judge(const v1::Action& action, const absl::StatusOr<CibDocument>& document) {
  if (!document.ok()) return {CibChange::State::kImpossible, std::string(document.status().message())};
  if (PcsCommand(action, *document).empty()) {
    return {CibChange::State::kImpossible, "it is no change of the configuration"};
  }
  return ChangeFor(action, *document);
}

bool Succeeded(const CommandResult& result) { return result.status.ok() && result.exit_code == 0; }

// Removed however the prediction ends, also when the agent stops in the middle of it.
class CibCopy {
 public:
  explicit CibCopy(const std::string& scratch)
      : path_(absl::StrCat(scratch, "-cib.xml")), next_(absl::StrCat(scratch, "-next.xml")) {}
  ~CibCopy() {
    RemoveFile(path_).IgnoreError();
    RemoveFile(next_).IgnoreError();
  }
  CibCopy(const CibCopy&) = delete;
  CibCopy& operator=(const CibCopy&) = delete;

  const std::string& path() const { return path_; }
  const std::string& next() const { return next_; }
  void Swap() { std::swap(path_, next_); }

 private:
  std::string path_;
  std::string next_;
};

}  // namespace

Task<v1::ActionResult> PredictActions(Tools& tools, std::string scratch, v1::PredictActions act) {
  const CommandResult cib = co_await tools.Run(QueryCib());
  if (!Succeeded(cib)) co_return Refused(absl::StrCat("cannot read the CIB: cibadmin: ", WhyItFailed(cib)));
  CibCopy copy(scratch);
  absl::Status written = ReplaceFile(copy.path(), cib.out);
  // Made beforehand: crm_simulate would make it readable for a group, but keeps the mode of one that is there.
  if (written.ok()) written = ReplaceFile(copy.next(), "");
  if (!written.ok()) co_return Failed(absl::string_view(written.message()));
  v1::ActionResult result = Done();
  std::string broken;  // why the copy no longer says what would be
  for (const v1::Action& action : act.actions()) {
    v1::Prediction* const prediction = result.add_predictions();
    if (action.has_disable_unit()) {
      *prediction = Nothing();
      continue;
    }
    if (action.has_cleanup_resource()) {
      *prediction = Unknown("it changes the cluster's history, which cannot be tried on a copy");
      continue;
    }
    if (!broken.empty()) {
      *prediction = Unknown(absl::StrCat("it follows what could not be tried: ", broken));
      continue;
    }
    const absl::StatusOr<CibDocument> document = ReadCopy(copy.path());
    const CibChange change = Judge(action, document);
    if (change.state == CibChange::State::kThere) {
      *prediction = Nothing();
      continue;
    }
    if (change.state == CibChange::State::kImpossible) {
      broken = change.what;
      *prediction = Unknown(broken);
      continue;
    }
    const CommandResult changed = co_await tools.Run(PcsCommand(action, *document, copy.path()));
    if (!Succeeded(changed)) {
      broken = absl::StrCat("pcs: ", WhyItFailed(changed));
      *prediction = Unknown(broken);
      continue;
    }
    const CommandResult simulated = co_await tools.Run(Simulate(copy.path(), copy.next()));
    if (!Succeeded(simulated)) {
      broken = absl::StrCat("crm_simulate: ", WhyItFailed(simulated));
      *prediction = Unknown(broken);
      continue;
    }
    *prediction = ReadSimulation(simulated.out);
    copy.Swap();
  }
  co_return result;
}

}  // namespace jettyfleet
