#include "agent/act/stager.h"

#include <google/protobuf/util/json_util.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "agent/act/outcome.h"
#include "agent/act/program_path.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

// Functions, because GCC 12 miscompiles initializer lists inside coroutines.
std::vector<std::string> Argv(const StagerOptions& options, const v1::StageArchive& act) {
  std::vector<std::string> argv = {options.program,
                                   "stage",
                                   "--target=" + act.target(),
                                   "--sha256=" + act.sha256(),
                                   absl::StrCat("--size=", act.size()),
                                   absl::StrCat("--bytes-per-second=", act.bytes_per_second()),
                                   absl::StrCat("--keep=", act.keep()),
                                   "--pki=" + options.pki};
  for (const std::string& coordinator : options.coordinators) argv.push_back("--coordinator=" + coordinator);
  return argv;
}

std::vector<std::string> Argv(const StagerOptions& options, const v1::DropStaged& act) {
  return {options.program, "drop", "--target=" + act.target(), "--sha256=" + act.sha256()};
}

std::vector<std::string> Argv(const StagerOptions& options, const v1::SwitchArchive& act) {
  return {options.program,
          "switch",
          "--target=" + act.target(),
          "--sha256=" + act.sha256(),
          "--unit=" + act.unit(),
          absl::StrCat("--before-us=", absl::ToUnixMicros(FromProto(act.before())))};
}

std::vector<std::string> Argv(const StagerOptions& options, const v1::Action& action) {
  if (action.has_stage_archive()) return Argv(options, action.stage_archive());
  if (action.has_drop_staged()) return Argv(options, action.drop_staged());
  return Argv(options, action.switch_archive());
}

v1::ActionResult Told(const StagerOptions& options, const CommandResult& ran) {
  v1::ActionResult result;
  const bool understood = ran.status.ok() && ran.exit_code == 0 &&
                          google::protobuf::util::JsonStringToMessage(ran.out, &result).ok() &&
                          result.outcome() != v1::ActionResult::OUTCOME_UNSPECIFIED;
  if (!understood) return WithoutEffect(options.program, ran);
  result.set_message(OneLine(result.message()));
  return result;
}

}  // namespace

Task<v1::ActionResult> RunStager(Tools& tools, const StagerOptions& options, v1::Action action) {
  const CommandResult ran = co_await tools.Run(Argv(options, action));
  co_return Told(options, ran);
}

StagerOptions StagerOf(const ActorOptions& options) {
  StagerOptions stager = options.stager;
  if (stager.program.empty()) stager.program = PathBeside(options, "jettyfleet-stager");
  return stager;
}

}  // namespace jettyfleet
