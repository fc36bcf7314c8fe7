#include "client/command/archive_commands.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "client/command/archive_upload.h"
#include "client/json.h"
#include "client/render/archive_view.h"
#include "common/archive/archive_name.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kUsualAnswer = absl::Seconds(20);

ExitCode FailLocally(Session& session, const absl::Status& status) {
  PrintError(session.console(), status.message());
  return kExitUsage;
}

}  // namespace

ExitCode RunArchivePush(Session& session, const ArchiveArguments& arguments) {
  for (const absl::Status& checked :
       {CheckArchiveName("name", arguments.name), CheckArchiveName("version", arguments.version)}) {
    if (!checked.ok()) return FailLocally(session, checked);
  }
  const absl::StatusOr<LocalArchive> archive = OpenLocalArchive(arguments.file);
  if (!archive.ok()) return FailLocally(session, archive.status());
  v1::PushHeader header;
  header.set_name(arguments.name);
  header.set_version(arguments.version);
  header.set_why(arguments.why);
  v1::PushArchiveResponse response;
  ArchiveUpload upload(session, *archive,
                       [](int attempt) { absl::SleepFor(std::min(absl::Seconds(attempt), absl::Seconds(5))); });
  const grpc::Status status = upload.Push(std::move(header), &response);
  if (!status.ok()) return session.FailMutation(status, "jettyfleet archive list");
  session.console().out << (session.json() ? ToJson(response) : RenderPush(response)) << std::flush;
  return kExitYes;
}

ExitCode RunArchiveList(Session& session, const ArchiveArguments& arguments) {
  v1::ListArchivesRequest request;
  request.set_name(arguments.name);
  v1::ListArchivesResponse response;
  const auto context = session.Context(kUsualAnswer);
  const grpc::Status status =
      v1::ArchiveService::NewStub(session.channel())->ListArchives(context.get(), request, &response);
  if (!status.ok()) return session.Fail(status);
  const Console& console = session.console();
  console.out << (session.json() ? ToJson(response) : RenderArchives(response, console.colour)) << std::flush;
  return kExitYes;
}

ExitCode RunArchiveRemove(Session& session, const ArchiveArguments& arguments) {
  v1::RemoveArchiveRequest request;
  request.set_name(arguments.name);
  request.set_version(arguments.version);
  request.set_why(arguments.why);
  v1::RemoveArchiveResponse response;
  const auto context = session.Context(kUsualAnswer);
  const grpc::Status status =
      v1::ArchiveService::NewStub(session.channel())->RemoveArchive(context.get(), request, &response);
  if (!status.ok()) return session.FailMutation(status, "jettyfleet archive list");
  session.console().out << (session.json() ? ToJson(response) : RenderRemoval(response)) << std::flush;
  return kExitYes;
}

}  // namespace jettyfleet
