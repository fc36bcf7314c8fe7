// Records for the journal's tests.
#ifndef JETTYFLEET_TESTS_COORDINATOR_JOURNAL_RECORDS_H_
#define JETTYFLEET_TESTS_COORDINATOR_JOURNAL_RECORDS_H_

#include <string>
#include <vector>

#include "coordinator/journal/journal.h"
#include "proto/journal.pb.h"

namespace jettyfleet {

inline v1::JournalRecord Event(const std::string& text, const std::string& operation_id = "") {
  v1::JournalRecord record;
  record.set_cluster("blue");
  record.set_operation_id(operation_id);
  record.mutable_at()->set_seconds(1'700'000'000);
  record.mutable_host_event()->set_text(text);
  return record;
}

inline absl::Status AppendEvent(Journal& journal, const std::string& text, RecordUse use = RecordUse::kOrdinary) {
  std::vector<v1::JournalRecord> records = {Event(text)};
  return journal.Append(&records, use);
}

// The texts of all events, in order.
inline std::vector<std::string> Texts(const Journal& journal, uint64_t after = 0) {
  std::vector<std::string> texts;
  const absl::Status status = journal.Read(after, [&](const v1::JournalRecord& record) {
    texts.push_back(record.host_event().text());
    return true;
  });
  if (!status.ok()) texts.push_back(status.ToString());
  return texts;
}

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_COORDINATOR_JOURNAL_RECORDS_H_
