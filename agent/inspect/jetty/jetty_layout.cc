#include "agent/inspect/jetty/jetty_layout.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/file.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kMaxProcFile = 1 << 20;
constexpr int kMaxChildDepth = 3;
constexpr int kMaxChildren = 64;
constexpr char kStartClass[] = "org.eclipse.jetty.start.Main";

std::string WithoutSlashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

std::string Parent(absl::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? "" : std::string(path.substr(0, slash));
}

std::string Absolute(const std::string& path, const std::string& directory) {
  if (path.empty() || path.front() == '/' || directory.empty()) return WithoutSlashes(path);
  return WithoutSlashes(path == "." ? directory : absl::StrCat(directory, "/", path));
}

// Links resolved; as it is where that fails.
std::string Resolved(const std::string& path) {
  char resolved[PATH_MAX];
  return realpath(path.c_str(), resolved) != nullptr ? resolved : path;
}

std::string ReadLink(const std::string& path) {
  char target[PATH_MAX];
  const ssize_t size = readlink(path.c_str(), target, sizeof target);
  return size <= 0 ? "" : std::string(target, static_cast<std::size_t>(size));
}

bool IsJava(absl::string_view program) {
  absl::ConsumeSuffix(&program, " (deleted)");
  return program == "java" || absl::EndsWith(program, "/java");
}

// Of /proc/PID/cmdline and environ.
std::vector<std::string> SplitAtZeros(absl::string_view text) {
  absl::ConsumeSuffix(&text, absl::string_view("\0", 1));
  if (text.empty()) return {};
  return absl::StrSplit(text, '\0');
}

std::map<std::string, std::string> EnvironmentOf(absl::string_view text) {
  std::map<std::string, std::string> environment;
  for (const std::string& entry : SplitAtZeros(text)) {
    const std::size_t equals = entry.find('=');
    if (equals != std::string::npos) environment.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return environment;
}

// The JVM's command line. Without start.jar in it only -D settings can be told.
void TakeCommand(const std::vector<std::string>& argv, JettyLayout* layout) {
  for (std::size_t i = 1; i < argv.size(); ++i) {
    absl::string_view argument = argv[i];
    const bool is_jar = argument == "-jar" && i + 1 < argv.size() && absl::EndsWith(argv[i + 1], "start.jar");
    if (is_jar || argument == kStartClass) {
      if (is_jar && layout->home.empty()) layout->home = Parent(Absolute(argv[i + 1], layout->working_directory));
      layout->arguments.assign(argv.begin() + static_cast<std::ptrdiff_t>(i + (is_jar ? 2 : 1)), argv.end());
      break;
    }
    if (!absl::ConsumePrefix(&argument, "-D")) continue;
    const std::size_t equals = argument.find('=');
    const bool has_value = equals != absl::string_view::npos;
    layout->system_properties[std::string(argument.substr(0, equals))] =
        has_value ? std::string(argument.substr(equals + 1)) : "";
  }
}

// jetty.home=... and jetty.base=..., as -D or behind start.jar.
std::string Told(const std::string& name, const JettyLayout& layout) {
  if (const auto found = layout.system_properties.find(name); found != layout.system_properties.end()) {
    return found->second;
  }
  for (const std::string& argument : layout.arguments) {
    absl::string_view value = argument;
    absl::ConsumePrefix(&value, "-D");
    if (absl::ConsumePrefix(&value, absl::StrCat(name, "="))) return std::string(value);
  }
  return "";
}

std::string Variable(const std::string& name, const JettyLayout& layout) {
  const auto found = layout.environment.find(name);
  return found == layout.environment.end() ? "" : found->second;
}

// `default_base`: what start.jar would take, which does not look at the environment; empty without one.
void FindDirectories(const std::string& default_base, JettyLayout* layout) {
  if (const std::string told = Told("jetty.home", *layout); !told.empty()) layout->home = told;
  if (layout->home.empty()) layout->home = Variable("JETTY_HOME", *layout);
  layout->home = Absolute(layout->home, layout->working_directory);
  layout->base = Told("jetty.base", *layout);
  if (layout->base.empty()) layout->base = default_base;
  if (layout->base.empty()) layout->base = Variable("JETTY_BASE", *layout);
  if (layout->base.empty()) layout->base = layout->home;
  layout->base = Absolute(layout->base, layout->working_directory);
  if (layout->home.empty()) layout->home = layout->base;
  if (layout->base.empty() || layout->base.front() != '/') {
    layout->error = "neither its command line nor its environment (JETTY_BASE, JETTY_HOME) names jetty.base";
    layout->home.clear();
    layout->base.clear();
  }
}

// The process itself, or the first below it that is Java.
std::optional<std::string> FindJava(const std::string& proc, const std::string& pid, int depth, int* seen) {
  const std::string directory = absl::StrCat(proc, "/", pid);
  if (++*seen > kMaxChildren) return std::nullopt;
  if (IsJava(ReadLink(absl::StrCat(directory, "/exe")))) return directory;
  if (depth >= kMaxChildDepth) return std::nullopt;
  const absl::StatusOr<std::string> children =
      ReadSmallFile(absl::StrCat(directory, "/task/", pid, "/children"), kMaxProcFile);
  if (!children.ok()) return std::nullopt;
  for (const absl::string_view child : absl::StrSplit(*children, ' ', absl::SkipWhitespace())) {
    uint32_t number = 0;
    if (!absl::SimpleAtoi(child, &number)) continue;
    if (std::optional<std::string> java = FindJava(proc, absl::StrCat(number), depth + 1, seen); java.has_value()) {
      return java;
    }
  }
  return std::nullopt;
}

JettyLayout OfProcess(const JettyStart& start, const std::string& proc) {
  JettyLayout layout;
  int seen = 0;
  const std::string main = absl::StrCat(start.main_pid);
  const std::optional<std::string> process = FindJava(proc, main, 0, &seen);
  if (!process.has_value()) {
    layout.error = ReadLink(absl::StrCat(proc, "/", main, "/exe")).empty()
                       ? absl::StrCat("its main process ", main, " cannot be looked at: ", std::strerror(errno))
                       : absl::StrCat("neither its main process ", main, " nor one started by it is java");
    return layout;
  }
  layout.java = ReadLink(absl::StrCat(*process, "/exe"));
  layout.working_directory = ReadLink(absl::StrCat(*process, "/cwd"));
  const absl::StatusOr<std::string> command = ReadSmallFile(absl::StrCat(*process, "/cmdline"), kMaxProcFile);
  const absl::StatusOr<std::string> environment = ReadSmallFile(absl::StrCat(*process, "/environ"), kMaxProcFile);
  if (!command.ok() || !environment.ok()) {
    layout.error = std::string((command.ok() ? environment.status() : command.status()).message());
    return layout;
  }
  layout.running = v1::ANSWER_YES;
  layout.environment = EnvironmentOf(*environment);
  TakeCommand(SplitAtZeros(*command), &layout);
  // start.jar, which told the home, takes the current directory for its base.
  FindDirectories(layout.home.empty() ? "" : layout.working_directory, &layout);
  return layout;
}

// As `which` in the unit's PATH would.
std::string FindInPath(const std::string& path) {
  for (const absl::string_view directory : absl::StrSplit(path, ':', absl::SkipEmpty())) {
    const std::string program = absl::StrCat(directory, "/java");
    if (access(program.c_str(), X_OK) == 0) return program;
  }
  return "";
}

JettyLayout OfStart(const JettyStart& start) {
  JettyLayout layout;
  layout.running = v1::ANSWER_NO;
  layout.environment = start.environment;
  layout.working_directory = WithoutSlashes(start.working_directory);
  const bool is_java = !start.exec_start.empty() && IsJava(start.exec_start[0]);
  if (is_java) {
    layout.java = start.exec_start[0];
    TakeCommand(start.exec_start, &layout);
  } else {
    // jetty.sh: the words of these two come before and behind start.jar.
    std::vector<std::string> command = {"java"};
    for (const absl::string_view word : absl::StrSplit(Variable("JAVA_OPTIONS", layout), ' ', absl::SkipWhitespace())) {
      command.emplace_back(word);
    }
    TakeCommand(command, &layout);
    layout.arguments = absl::StrSplit(Variable("JETTY_ARGS", layout), ' ', absl::SkipWhitespace());
    layout.java = Variable("JAVA", layout);
  }
  if (layout.java.empty() && !Variable("JAVA_HOME", layout).empty()) {
    layout.java = absl::StrCat(WithoutSlashes(Variable("JAVA_HOME", layout)), "/bin/java");
  }
  if (layout.java.empty()) {
    const std::string path = Variable("PATH", layout);
    layout.java = FindInPath(path.empty() ? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" : path);
  }
  layout.java = Resolved(layout.java);
  FindDirectories(is_java && !layout.home.empty() ? layout.working_directory : "", &layout);
  // jetty.sh lies in bin below its home.
  if (!layout.error.empty() && !start.exec_start.empty() && absl::EndsWith(start.exec_start[0], "/bin/jetty.sh")) {
    layout.error.clear();
    layout.home = Parent(Parent(start.exec_start[0]));
    FindDirectories("", &layout);
  }
  return layout;
}

}  // namespace

JettyLayout LocateJetty(const JettyStart& start, const std::string& proc) {
  return start.main_pid != 0 ? OfProcess(start, proc) : OfStart(start);
}

}  // namespace jettyfleet
