#include "common/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>

namespace jettyfleet {
namespace {

// sd-daemon(3): "<3>" before a line sets its priority in the journal.
class PriorityPrefix final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    const char* prefix = "<6>";
    if (message.level == spdlog::level::debug) prefix = "<7>";
    if (message.level == spdlog::level::warn) prefix = "<4>";
    if (message.level == spdlog::level::err) prefix = "<3>";
    out.append(prefix, prefix + 3);
  }

  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<PriorityPrefix>(); }
};

spdlog::logger& Logger() {
  static const auto logger = [] {
    auto made = std::make_shared<spdlog::logger>("jettyfleet", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    if (std::getenv("JOURNAL_STREAM") != nullptr) {
      formatter->add_flag<PriorityPrefix>('*').set_pattern("%*%v");
    } else {
      formatter->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l: %v");
    }
    made->set_formatter(std::move(formatter));
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *logger;
}

void Log(spdlog::level::level_enum level, absl::string_view line) {
  Logger().log(level, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace

void LogDebug(absl::string_view line) { Log(spdlog::level::debug, line); }
void LogInfo(absl::string_view line) { Log(spdlog::level::info, line); }
void LogWarning(absl::string_view line) { Log(spdlog::level::warn, line); }
void LogError(absl::string_view line) { Log(spdlog::level::err, line); }

void SetUpLog(bool debug) { Logger().set_level(debug ? spdlog::level::debug : spdlog::level::info); }

}  // namespace jettyfleet
