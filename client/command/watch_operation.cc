#include "client/command/watch_operation.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/json.h"
#include "client/render/live_view.h"
#include "client/render/operation_words.h"
#include "client/render/report_view.h"

namespace jettyfleet {
namespace {

// Draws reports in the way that suits the output: over the last picture, as lines, or as JSON.
class LiveOutput {
 public:
  explicit LiveOutput(const Session& session) : session_(session), console_(session.console()) {}

  void Show(const v1::OperationReport& report) {
    ++shown_;
    if (session_.json()) {
      console_.out << ToJsonLine(report);
    } else if (console_.terminal) {
      Draw(absl::StrCat(RenderLive(report, absl::Now(), console_.colour),
                        HasEnded(report.state())
                            ? ""
                            : absl::StrCat("\n  Ctrl-C leaves; the ", OperationNoun(report.spec()), " goes on\n")));
    } else {
      console_.out << RenderProgress(last_, report, absl::Now());
    }
    console_.out << std::flush;
    last_ = report;
  }

  // The report in place of the last picture, or after the lines.
  void Finish() {
    if (session_.json()) return;
    if (console_.terminal) {
      Draw(RenderReport(last_, absl::Now(), console_.colour));
    } else {
      console_.out << "\n" << RenderReport(last_, absl::Now(), console_.colour);
    }
    console_.out << std::flush;
  }

  // Something else has been printed: the next picture goes below it.
  void StartAnew() { lines_ = 0; }

  const v1::OperationReport& last() const { return last_; }
  uint64_t shown() const { return shown_; }

 private:
  void Draw(const std::string& picture) {
    if (lines_ > 0) console_.out << "\x1b[" << lines_ << "A\r\x1b[J";
    // Without wrapping, one line of text is one line on the terminal, however narrow it is.
    console_.out << "\x1b[?7l" << picture << "\x1b[?7h";
    lines_ = std::count(picture.begin(), picture.end(), '\n');
  }

  const Session& session_;
  const Console& console_;
  v1::OperationReport last_;
  uint64_t shown_ = 0;
  std::ptrdiff_t lines_ = 0;
};

// One stream. OK: it ended, with or without the operation's end.
grpc::Status Follow(Session& session, InterruptWatch& interrupts, const WatchArguments& arguments, LiveOutput* output) {
  v1::WatchOperationRequest request;
  request.set_cluster(arguments.cluster);
  // The same one after a reconnection, even if another has begun.
  request.set_operation_id(output->last().id().empty() ? arguments.operation_id : output->last().id());
  const auto context = session.Context(absl::InfiniteDuration());
  interrupts.OnInterrupt([&context] { context->TryCancel(); });
  const auto stream = session.stub().WatchOperation(context.get(), request);
  v1::WatchOperationResponse response;
  while (stream->Read(&response)) output->Show(response.report());
  const grpc::Status status = stream->Finish();
  interrupts.OnInterrupt(nullptr);
  return status;
}

ExitCode Leave(Session& session, const std::string& id) {
  const std::string name = id.empty() ? "" : absl::StrCat(" ", id);
  PrintError(session.console(), absl::StrCat("left; the drill goes on. Follow it: jettyfleet drill watch", name,
                                             "   Stop it: jettyfleet drill abort", name, " --why REASON"));
  return kExitNo;
}

}  // namespace

ExitCode WatchOperation(Session& session, InterruptWatch& interrupts, const WatchArguments& arguments) {
  LiveOutput output(session);
  absl::Time lost_at = absl::InfiniteFuture();
  for (;;) {
    const uint64_t shown_before = output.shown();
    const grpc::Status status = Follow(session, interrupts, arguments, &output);
    const v1::OperationReport& last = output.last();
    if (HasEnded(last.state())) {
      output.Finish();
      return ExitCodeOf(last.state());
    }
    if (interrupts.interrupted()) return Leave(session, last.id().empty() ? arguments.operation_id : last.id());
    const bool gone = status.ok() || status.error_code() == grpc::UNAVAILABLE || status.error_code() == grpc::CANCELLED;
    // Before the first report there is nothing to come back to.
    if (!gone || last.id().empty()) return session.Fail(status);
    if (output.shown() > shown_before) {
      lost_at = absl::Now();
      PrintError(session.console(), "the coordinator is gone; trying again until it is back");
      output.StartAnew();
    }
    if (absl::Now() - lost_at > arguments.patience) return session.Fail(status);
    interrupts.Sleep(arguments.retry_after);
  }
}

}  // namespace jettyfleet
