// `jettyfleet pki ...`: the fleet's certificates. They talk to no coordinator.
#ifndef JETTYFLEET_CLIENT_COMMAND_PKI_COMMANDS_H_
#define JETTYFLEET_CLIENT_COMMAND_PKI_COMMANDS_H_

#include <string>

#include "client/console.h"
#include "client/exit_code.h"
#include "client/settings.h"
#include "common/pki/directory.h"

namespace jettyfleet {

struct IssueArguments {
  std::string directory;
  std::string role;
  std::string name;
  std::string cluster;
  std::string out;
  int days = kCertificateDays;
};

ExitCode RunPkiInit(const Console& console, const std::string& directory, const std::string& fleet, int days);
ExitCode RunPkiIssue(const Console& console, Output output, const IssueArguments& arguments);
// No when the certificate in `file` is not valid now.
ExitCode RunPkiShow(const Console& console, Output output, const std::string& file);
ExitCode RunPkiDeny(const Console& console, const std::string& directory, const std::string& serial);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_COMMAND_PKI_COMMANDS_H_
