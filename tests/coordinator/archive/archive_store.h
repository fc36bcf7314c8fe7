// An ArchiveDesk on a thread of its own over a directory of its own, for tests.
#ifndef JETTYFLEET_TESTS_COORDINATOR_ARCHIVE_ARCHIVE_STORE_H_
#define JETTYFLEET_TESTS_COORDINATOR_ARCHIVE_ARCHIVE_STORE_H_

#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "coordinator/archive/archive_desk.h"
#include "tests/testing/agent/fake_clock.h"
#include "tests/testing/archive/zips.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {

// A coordinator's archives from their start to their end. Calls block until they are answered.
class RunningStore {
 public:
  RunningStore(const std::string& directory, StoreLimits limits, FreeBytes free_bytes, WriteCall write)
      : store_(*ContentStore::Open(directory, limits, std::move(free_bytes), std::move(write))),
        table_(*ArchiveTable::Open(directory + "/index.json")),
        desk_(loop_, clock_, *store_, *table_),
        thread_([this] { loop_.Run(); }) {}
  ~RunningStore() {
    loop_.Stop();
    thread_.join();
  }

  // On the archive thread.
  template <typename Result>
  Result On(std::function<Result()> call) {
    std::promise<Result> result;
    loop_.Post([&] { result.set_value(call()); });
    return result.get_future().get();
  }

  template <typename Response>
  absl::StatusOr<Response> Await(std::function<void(ArchiveDesk::Done<Response>)> call) {
    std::promise<absl::StatusOr<Response>> result;
    loop_.Post([&] { call([&result](absl::StatusOr<Response> found) { result.set_value(std::move(found)); }); });
    return result.get_future().get();
  }

  absl::StatusOr<v1::PreparePushResponse> Prepare(const v1::PushHeader& header) {
    v1::PreparePushRequest request;
    request.set_name(header.name());
    request.set_version(header.version());
    request.set_sha256(header.sha256());
    request.set_size(header.size());
    return Await<v1::PreparePushResponse>([&](auto done) { desk_.PreparePush(request, std::move(done)); });
  }
  absl::StatusOr<std::shared_ptr<ArchivePush>> Begin(const v1::PushHeader& header) {
    return On<absl::StatusOr<std::shared_ptr<ArchivePush>>>([&] { return desk_.BeginPush(header, "operator alice"); });
  }
  absl::Status Write(const std::shared_ptr<ArchivePush>& push, const std::string& data) {
    return On<absl::Status>([&] { return push->Write(data); });
  }
  absl::StatusOr<v1::PushArchiveResponse> Finish(std::shared_ptr<ArchivePush> push) {
    return Await<v1::PushArchiveResponse>([&](auto done) { desk_.FinishPush(std::move(push), std::move(done)); });
  }
  // From the header's offset to the end.
  absl::StatusOr<v1::PushArchiveResponse> Push(const v1::PushHeader& header, const std::string& content) {
    auto push = Begin(header);
    if (!push.ok()) return push.status();
    for (std::size_t at = header.offset(); at < content.size(); at += 200000) {
      if (absl::Status written = Write(*push, content.substr(at, 200000)); !written.ok()) return written;
    }
    return Finish(*std::move(push));
  }
  absl::StatusOr<ArchiveSource> OpenFetch(const v1::FetchArchiveRequest& request) {
    return Await<ArchiveSource>([&](auto done) { desk_.OpenFetch(request, std::move(done)); });
  }
  absl::StatusOr<v1::RemoveArchiveResponse> Remove(const std::string& name, const std::string& version) {
    v1::RemoveArchiveRequest request;
    request.set_name(name);
    request.set_version(version);
    return On<absl::StatusOr<v1::RemoveArchiveResponse>>([&] { return desk_.Remove(request, "operator alice"); });
  }
  v1::ListArchivesResponse List(const std::string& name = "") {
    v1::ListArchivesRequest request;
    request.set_name(name);
    return On<v1::ListArchivesResponse>([&] { return desk_.List(request); });
  }

  FakeClock& clock() { return clock_; }
  ArchiveDesk& desk() { return desk_; }

 private:
  FakeClock clock_;
  CoreLoop loop_{clock_};
  const std::unique_ptr<ContentStore> store_;
  const std::unique_ptr<ArchiveTable> table_;
  ArchiveDesk desk_;
  std::thread thread_;
};

inline v1::PushHeader HeaderOf(const std::string& version, const std::string& content) {
  v1::PushHeader header;
  header.set_name("app");
  header.set_version(version);
  header.set_sha256(Sha256Of(content));
  header.set_size(content.size());
  header.set_why("ticket 7");
  return header;
}

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_COORDINATOR_ARCHIVE_ARCHIVE_STORE_H_
