// `jettyfleet archive`: the archives that the coordinator keeps.
#ifndef JETTYFLEET_CLIENT_COMMAND_ARCHIVE_COMMANDS_H_
#define JETTYFLEET_CLIENT_COMMAND_ARCHIVE_COMMANDS_H_

#include <string>

#include "client/exit_code.h"
#include "client/session.h"

namespace jettyfleet {

struct ArchiveArguments {
  std::string file;  // push
  std::string name;  // list: empty is all
  std::string version;
  std::string why;
};

// The file is checked and hashed before anything is sent. What the coordinator has of it is not sent again, also after
// a break; a break is tried again a few times.
ExitCode RunArchivePush(Session& session, const ArchiveArguments& arguments);
ExitCode RunArchiveList(Session& session, const ArchiveArguments& arguments);
ExitCode RunArchiveRemove(Session& session, const ArchiveArguments& arguments);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_COMMAND_ARCHIVE_COMMANDS_H_
