#include "agent/restart_sequence.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace jettyfleet {

absl::StatusOr<uint64_t> NextRestartSequence(const std::string& dir) {
  const std::string path = dir + "/restart-sequence";
  uint64_t last = 0;
  if (std::ifstream in(path); in) {
    std::string text;
    std::getline(in, text);
    if (!absl::SimpleAtoi(text, &last)) {
      return absl::DataLossError(absl::StrCat(path, ": not a number; remove the file and start the agent again"));
    }
  } else if (std::error_code error; std::filesystem::exists(path, error)) {
    return absl::PermissionDeniedError(absl::StrCat(path, ": cannot be read; the agent runs as root"));
  }
  const std::string next = path + ".new";
  std::ofstream out(next, std::ios::trunc);
  out << last + 1 << "\n";
  out.close();
  // Losing this file to a power cut costs nothing: a boot id changes with it.
  if (!out || std::rename(next.c_str(), path.c_str()) != 0) {
    return absl::UnavailableError(
        absl::StrCat(path, ": cannot be written: ", strerror(errno), "; free space or mend the directory"));
  }
  return last + 1;
}

}  // namespace jettyfleet
