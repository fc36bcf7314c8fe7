#include "client/command/backup_commands.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/backup_download.h"
#include "client/interrupt.h"
#include "client/json.h"
#include "client/render/text.h"
#include "proto/backup_service.grpc.pb.h"

extern char** environ;

namespace jettyfleet {
namespace {

constexpr char kCoordinator[] = "jettyfleet-coordinator";

ExitCode FailWith(const Console& console, const absl::Status& status, ExitCode code) {
  PrintError(console, status.message());
  return code;
}

void Tell(const Console& console, bool json, const std::string& file, const v1::BackupSummary& summary) {
  if (json) {
    console.out << ToJson(summary) << std::flush;
    return;
  }
  console.out << Harmless(file) << ": the journal up to record " << summary.last_sequence() << ", of "
              << DateTimeText(summary.at()) << ", " << Count(summary.size_bytes(), "byte") << ", checked" << std::endl;
}

}  // namespace

ExitCode RunBackup(Session& session, const std::string& file) {
  const Console& console = session.console();
  InterruptWatch interrupts;
  absl::StatusOr<std::unique_ptr<BackupDownload>> target = BackupDownload::Make(file);
  if (!target.ok()) return FailWith(console, target.status(), kExitUsage);
  const auto stub = v1::BackupService::NewStub(session.channel());
  // How long it takes is a matter of its size; a coordinator that is gone is noticed by the channel.
  const auto context = session.Context(absl::InfiniteDuration());
  interrupts.OnInterrupt([&context] { context->TryCancel(); });
  const auto stream = stub->Backup(context.get(), v1::BackupRequest());
  v1::BackupPart part;
  v1::BackupSummary summary;
  bool whole = false;
  absl::Status written;
  while (written.ok() && stream->Read(&part)) {
    if (part.has_summary()) {
      summary = part.summary();
      whole = true;
    } else if (whole) {
      written = absl::DataLossError(absl::StrCat(file, ": the coordinator sends on after the end; take it again"));
    } else {
      written = (*target)->Add(part.bytes());
    }
  }
  if (!written.ok()) context->TryCancel();
  const grpc::Status ended = stream->Finish();
  interrupts.OnInterrupt({});
  if (interrupts.interrupted()) {
    return FailWith(console, absl::CancelledError(absl::StrCat(file, ": given up, and nothing is left")), kExitNo);
  }
  if (!written.ok()) return FailWith(console, written, kExitNo);
  if (!ended.ok()) return session.Fail(ended);
  if (!whole) {
    return FailWith(console, absl::DataLossError(absl::StrCat(file, ": the coordinator sent no end; take it again")),
                    kExitNo);
  }
  if (const absl::Status kept = (*target)->Keep(summary); !kept.ok()) return FailWith(console, kept, kExitNo);
  Tell(console, session.json(), file, summary);
  return kExitYes;
}

std::string CoordinatorProgram() {
  char own[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", own, sizeof own);
  if (length <= 0) return kCoordinator;
  const std::string path(own, static_cast<std::size_t>(length));
  return absl::StrCat(path.substr(0, path.rfind('/') + 1), kCoordinator);
}

ExitCode RunRestoreBackup(const Console& console, const std::string& program, const std::string& file,
                          const std::string& state_directory) {
  if (access(program.c_str(), X_OK) != 0) {
    return FailWith(console,
                    absl::NotFoundError(absl::StrCat(program, ": ", std::strerror(errno),
                                                     ": run this on the coordinator's host, where it is installed")),
                    kExitUsage);
  }
  std::vector<std::string> arguments = {program};
  if (!state_directory.empty()) arguments.push_back(absl::StrCat("--state=", state_directory));
  // A file whose name begins with a dash is no option.
  arguments.insert(arguments.end(), {"restore-backup", "--", file});
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  if (const int error = posix_spawn(&child, program.c_str(), nullptr, nullptr, argv.data(), environ); error != 0) {
    return FailWith(console, absl::UnavailableError(absl::StrCat(program, ": cannot be run: ", std::strerror(error))),
                    kExitUsage);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) return WEXITSTATUS(status) == 0 ? kExitYes : kExitNo;
  return FailWith(console,
                  absl::UnavailableError(absl::StrCat(program, ": ended by signal ", WTERMSIG(status),
                                                      ": look at the journal before starting anything")),
                  kExitNo);
}

}  // namespace jettyfleet
