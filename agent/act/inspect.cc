#include "agent/act/inspect.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/act/durable_file.h"
#include "agent/act/outcome.h"

namespace jettyfleet {
namespace {

// Functions, because GCC 12 miscompiles initializer lists inside coroutines.
std::vector<std::string> InspectCommand(const Inspector& inspector, const std::string& request) {
  return {inspector.program, "--state", inspector.state_dir, "--node", inspector.node, "--request", request};
}

// Removed however the look ends, also when the agent stops in the middle of it.
class RequestFile {
 public:
  explicit RequestFile(const std::string& scratch) : path_(absl::StrCat(scratch, ".request")) {}
  ~RequestFile() { RemoveFile(path_).IgnoreError(); }
  RequestFile(const RequestFile&) = delete;
  RequestFile& operator=(const RequestFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

}  // namespace

Task<v1::ActionResult> RunInspector(Tools& tools, Inspector inspector, std::string scratch, v1::Action action) {
  const RequestFile request(scratch);
  const absl::Status written = ReplaceFile(request.path(), action.SerializeAsString());
  if (!written.ok()) co_return Failed(absl::string_view(written.message()));
  const CommandResult ran = co_await tools.Run(InspectCommand(inspector, request.path()));
  if (!ran.status.ok() || ran.exit_code != 0) {
    co_return WithoutEffect(absl::StrCat("cannot inspect this host: ", inspector.program), ran);
  }
  v1::ActionResult result;
  if (!result.ParseFromString(ran.out) || result.outcome() == v1::ActionResult::OUTCOME_UNSPECIFIED) {
    co_return Failed(absl::StrCat(inspector.program, " printed ", ran.out.size(),
                                  " bytes that are no result; is it of another version than the agent?"));
  }
  co_return result;
}

std::vector<std::string> SweepMarkersCommand(const Inspector& inspector) {
  return {inspector.program, "--state", inspector.state_dir, "--node", inspector.node, "--sweep"};
}

}  // namespace jettyfleet
