#include "agent/inspect/jetty/start_files.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/inspect/jetty/module_file.h"
#include "common/file.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kMaxFile = 1 << 20;
constexpr std::size_t kMaxModuleFile = 64 << 10;
constexpr std::size_t kMaxNeeds = 5000;
constexpr std::size_t kMaxStartD = 200;
constexpr std::size_t kMaxDirectories = 64;
constexpr std::size_t kMaxXmlFiles = 500;

void AddError(absl::string_view error, StartConfiguration* configuration) {
  // The first says enough, and it is one line.
  if (configuration->error.empty()) configuration->error = std::string(error);
}

// Names in start.d as Jetty takes them: *.ini in the order of their names. Empty where there is none.
std::vector<std::string> StartD(const std::string& directory, StartConfiguration* configuration) {
  std::vector<std::string> files;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error), end;
  if (error && error != std::errc::no_such_file_or_directory) {
    AddError(absl::StrCat(directory, ": ", error.message()), configuration);
  }
  for (; !error && entry != end && files.size() <= kMaxStartD; entry.increment(error)) {
    if (entry->path().extension() == ".ini") files.push_back(entry->path().string());
  }
  if (files.size() > kMaxStartD) {
    AddError(absl::StrCat(directory, ": holds more than ", kMaxStartD, " files"), configuration);
    files.resize(kMaxStartD);
  }
  std::sort(files.begin(), files.end());
  return files;
}

void AddFile(const std::string& path, bool required, StartConfiguration* configuration) {
  const absl::StatusOr<std::string> text = ReadSmallFile(path, kMaxFile);
  absl::Status status = text.status();
  if (text.ok()) status = AddStartText(*text, path, &configuration->arguments);
  if (!status.ok() && (required || !absl::IsNotFound(status))) AddError(status.message(), configuration);
}

// start.ini and start.d of one directory; what is included from there is noted, not read.
void AddDirectory(const std::string& directory, StartConfiguration* configuration) {
  AddFile(absl::StrCat(directory, "/start.ini"), false, configuration);
  for (const std::string& file : StartD(absl::StrCat(directory, "/start.d"), configuration)) {
    AddFile(file, true, configuration);
  }
}

std::string Absolute(const std::string& path, const std::string& base) {
  return path.empty() || path.front() == '/' ? path : absl::StrCat(base, "/", path);
}

// Directories in the order in which they are believed, the strongest first: the base, then what it includes.
std::vector<std::string> Directories(const std::string& base, const std::vector<std::string>& command_line,
                                     const std::map<std::string, std::string>& places,
                                     StartConfiguration* configuration) {
  std::vector<std::string> directories = {base};
  StartConfiguration seen;
  // What is wrong with a line is said when it is read in its turn.
  for (const std::string& argument : command_line) AddStartLine(argument, "", &seen.arguments).IgnoreError();
  for (std::size_t next = 0; next < directories.size(); ++next) {
    AddDirectory(directories[next], &seen);
    std::map<std::string, std::string> properties = seen.arguments.properties;
    for (const auto& [name, value] : places) properties[name] = value;
    for (const std::string& included : seen.arguments.included_directories.in_order()) {
      const std::string directory = Absolute(ExpandProperties(included, properties), base);
      if (std::find(directories.begin(), directories.end(), directory) == directories.end()) {
        directories.push_back(directory);
      }
    }
    if (directories.size() > kMaxDirectories) {
      AddError(absl::StrCat(base, ": includes more than ", kMaxDirectories, " directories"), configuration);
      directories.resize(kMaxDirectories);
    }
  }
  return directories;
}

// The first that exists; what is of the base hides what is of home.
std::string Find(const std::string& relative, const std::vector<std::string>& directories) {
  if (!relative.empty() && relative.front() == '/') return relative;
  std::error_code ignored;
  for (const std::string& directory : directories) {
    const std::string path = absl::StrCat(directory, "/", relative);
    if (std::filesystem::is_regular_file(path, ignored)) return path;
  }
  return "";
}

// Enables what enabled modules need, for as long as that names new ones.
class ModuleGraph {
 public:
  ModuleGraph(const std::vector<std::string>& directories, StartConfiguration* configuration)
      : directories_(directories), configuration_(*configuration) {}

  void Resolve() {
    const std::vector<std::string>& modules = configuration_.arguments.modules.in_order();
    for (std::size_t next = 0; next < modules.size(); ++next) Enable(modules[next]);
    // A module's ini may decide what another one's ${...} means, so those come when all is said.
    for (bool found = true; found;) {
      found = false;
      for (std::size_t i = 0; i < needs_.size(); ++i) found = Need(needs_[i]) || found;
    }
  }

  const NamesOnce& xml_files() const { return xml_files_; }

 private:
  // By value: the list that it comes from grows meanwhile.
  void Enable(const std::string name) {
    const std::string path = Find(absl::StrCat("modules/", name, ".mod"), directories_);
    if (path.empty()) return;
    const absl::StatusOr<std::string> text = ReadSmallFile(path, kMaxModuleFile);
    if (!text.ok()) return AddError(text.status().message(), &configuration_);
    const ModuleFile module = ParseModuleFile(*text);
    for (const std::string& line : module.ini) {
      const absl::Status status = AddStartLine(line, path, &configuration_.arguments);
      if (!status.ok()) return AddError(status.message(), &configuration_);
    }
    provided_.insert(module.provides.begin(), module.provides.end());
    needs_.insert(needs_.end(), module.needs.begin(), module.needs.end());
    if (needs_.size() > kMaxNeeds) {
      needs_.resize(kMaxNeeds);
      AddError(absl::StrCat(path, ": modules need more than ", kMaxNeeds, " others"), &configuration_);
    }
    for (const std::string& file : module.xml_files) {
      if (xml_files_.size() >= kMaxXmlFiles) {
        return AddError(absl::StrCat(path, ": modules name more than ", kMaxXmlFiles, " XML files"), &configuration_);
      }
      xml_files_.Add(file);
    }
  }

  // True: a module was enabled by it. By value, as above.
  bool Need(const std::string written) {
    StartArguments& arguments = configuration_.arguments;
    const std::string name = ExpandProperties(written, arguments.properties);
    if (provided_.count(name) > 0 || Find(absl::StrCat("modules/", name, ".mod"), directories_).empty()) return false;
    if (arguments.modules.Has(name)) return false;
    const absl::Status status = AddStartLine(absl::StrCat("--module=", name), written, &arguments);
    if (!status.ok()) AddError(status.message(), &configuration_);
    // One with a comma in it is two others.
    if (!status.ok() || !arguments.modules.Has(name)) return false;
    Enable(name);
    return true;
  }

  const std::vector<std::string>& directories_;
  StartConfiguration& configuration_;
  std::set<std::string> provided_;
  std::vector<std::string> needs_;
  NamesOnce xml_files_;
};

}  // namespace

StartConfiguration ReadStartFiles(const std::string& home, const std::string& base,
                                  const std::vector<std::string>& command_line,
                                  const std::map<std::string, std::string>& system_properties) {
  StartConfiguration configuration;
  configuration.arguments.properties = system_properties;
  std::map<std::string, std::string>& properties = configuration.arguments.properties;
  const std::map<std::string, std::string> places = {{"jetty.home", home}, {"jetty.base", base}};
  std::vector<std::string> directories = Directories(base, command_line, places, &configuration);
  for (auto directory = directories.rbegin(); directory != directories.rend(); ++directory) {
    AddDirectory(*directory, &configuration);
  }
  for (const std::string& argument : command_line) {
    const absl::Status status = AddStartLine(argument, "the command line", &configuration.arguments);
    if (!status.ok()) AddError(status.message(), &configuration);
  }
  // Jetty lets no file say otherwise.
  for (const auto& [name, value] : places) properties[name] = value;
  if (home != base) directories.push_back(home);
  ModuleGraph graph(directories, &configuration);
  graph.Resolve();
  for (const auto& [name, value] : places) properties[name] = value;
  NamesOnce written = graph.xml_files();
  for (const std::string& file : configuration.arguments.xml_files.in_order()) written.Add(file);
  NamesOnce found;
  for (const std::string& file : written.in_order()) {
    const std::string relative = ExpandProperties(file, properties);
    std::string path = Find(relative, directories);
    if (path.empty()) path = Find(absl::StrCat("etc/", relative), directories);
    if (!path.empty()) found.Add(path);
  }
  configuration.xml_files = found.in_order();
  return configuration;
}

}  // namespace jettyfleet
