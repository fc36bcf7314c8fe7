#include "agent/act/program_path.h"

#include <filesystem>
#include <system_error>

namespace jettyfleet {

std::string PathBeside(const ActorOptions& options, absl::string_view program) {
  std::error_code unreadable;
  std::filesystem::path self = options.self_path;
  if (self.empty()) self = std::filesystem::read_symlink("/proc/self/exe", unreadable);
  return (self.parent_path() / std::string(program)).string();
}

}  // namespace jettyfleet
