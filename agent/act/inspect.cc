#include "agent/act/inspect.h"

#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "agent/act/outcome.h"
#include "agent/act/program_path.h"
#include "common/durable_file.h"

namespace jettyfleet {
namespace {

// Functions, because GCC 12 miscompiles initializer lists inside coroutines.
std::vector<std::string> InspectCommand(const Inspector& inspector, const std::string& request) {
  return {inspector.program, "--state", inspector.state_dir, "--node", inspector.node, "--request", request};
}

std::vector<std::string> SweepCommand(const Inspector& inspector) {
  return {inspector.program, "--state", inspector.state_dir, "--node", inspector.node, "--sweep"};
}

// Where the records cannot be read the program says why.
bool NoMarkers(const Inspector& inspector) {
  std::error_code unreadable;
  const bool empty = std::filesystem::is_empty(absl::StrCat(inspector.state_dir, "/markers"), unreadable);
  return unreadable ? unreadable == std::errc::no_such_file_or_directory : empty;
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

Task<SweepReport> SweepMarkers(Tools& tools, Inspector inspector) {
  SweepReport report;
  if (NoMarkers(inspector)) co_return report;
  const CommandResult ran = co_await tools.Run(SweepCommand(inspector));
  for (const absl::string_view line : absl::StrSplit(ran.out, '\n', absl::SkipEmpty())) {
    report.undone.push_back(absl::StrCat("marker of a check ", absl::StripPrefix(line, "removed ")));
  }
  if (!ran.status.ok() || ran.exit_code != 0) {
    report.status = absl::UnavailableError(WithoutEffect("markers of a check are left", ran).message());
  }
  co_return report;
}

Inspector InspectorOf(const ActorOptions& options) {
  const std::string path =
      options.inspector_path.empty() ? PathBeside(options, "jettyfleet-inspect") : options.inspector_path;
  return {path, options.state_dir, options.node};
}

}  // namespace jettyfleet
