#include "coordinator/backup/inspect_file.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <cstdlib>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "coordinator/journal/sqlite_database.h"

namespace jettyfleet {
namespace {

struct Close {
  void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
};
struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

// SQLite's words for files that are no journal, or no whole one.
absl::Status FileError(sqlite3* connection, const std::string& name) {
  const int code = sqlite3_errcode(connection) & 0xff;
  const std::string what = sqlite3_errmsg(connection);
  if (code == SQLITE_NOTADB) {
    return absl::FailedPreconditionError(absl::StrCat("backup ", name,
                                                      ": is not a database: name a file that "
                                                      "jettyfleet backup has made"));
  }
  if (code == SQLITE_CORRUPT || code == SQLITE_IOERR) {
    return absl::DataLossError(
        absl::StrCat("backup ", name, ": is damaged or cut short (", what, "): take another backup"));
  }
  return absl::UnavailableError(absl::StrCat("backup ", name, ": cannot be read: ", what));
}

class Reader {
 public:
  Reader(const std::string& path, const std::string& name) : name_(name) {
    // Immutable: no locks and no files beside it, since nobody writes to it.
    const std::string uri =
        absl::StrCat("file:", absl::StrReplaceAll(path, {{"%", "%25"}, {"?", "%3f"}, {"#", "%23"}}), "?immutable=1");
    sqlite3* connection = nullptr;
    opened_ = sqlite3_open_v2(uri.c_str(), &connection, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX,
                              nullptr) == SQLITE_OK;
    connection_.reset(connection);
  }

  // The first column of the first row as text; empty where there is no row.
  absl::StatusOr<std::string> Text(const char* sql) const {
    if (!opened_) return FileError(connection_.get(), name_);
    sqlite3_stmt* made = nullptr;
    const int prepared = sqlite3_prepare_v2(connection_.get(), sql, -1, &made, nullptr);
    const std::unique_ptr<sqlite3_stmt, Finalize> statement(made);
    if (prepared != SQLITE_OK) return FileError(connection_.get(), name_);
    const int code = sqlite3_step(made);
    if (code == SQLITE_DONE) return std::string();
    if (code != SQLITE_ROW) return FileError(connection_.get(), name_);
    const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(made, 0));
    return std::string(text == nullptr ? "" : text);
  }

  absl::StatusOr<int64_t> Int(const char* sql) const {
    const absl::StatusOr<std::string> text = Text(sql);
    if (!text.ok()) return text.status();
    return std::atoll(text->c_str());
  }

 private:
  const std::string& name_;
  std::unique_ptr<sqlite3, Close> connection_;
  bool opened_ = false;
};

}  // namespace

absl::StatusOr<JournalFileFacts> InspectJournalFile(const std::string& path, const std::string& name) {
  const Reader reader(path, name);
  const absl::StatusOr<int64_t> application = reader.Int("PRAGMA application_id");
  if (!application.ok()) return application.status();
  const absl::StatusOr<int64_t> format = reader.Int("PRAGMA user_version");
  if (!format.ok()) return format.status();
  if (*application != kDatabaseApplicationId) {
    return absl::FailedPreconditionError(absl::StrCat(
        "backup ", name, ": is empty or another program's database: name a file that jettyfleet backup has made"));
  }
  if (*format < 1 || *format > kDatabaseVersion) {
    return absl::FailedPreconditionError(absl::StrCat("backup ", name, ": has format ", *format,
                                                      "; this jettyfleet knows 1 to ", kDatabaseVersion,
                                                      ": use the version that made it, or a newer one"));
  }
  // One line, the first of at most one finding; "ok" when there is none.
  const absl::StatusOr<std::string> integrity = reader.Text("PRAGMA integrity_check(1)");
  if (!integrity.ok()) return integrity.status();
  if (*integrity != "ok") {
    return absl::DataLossError(absl::StrCat("backup ", name, ": is damaged or cut short (",
                                            absl::StrReplaceAll(*integrity, {{"\n", " "}}), "): take another backup"));
  }
  // A last page that was cut short is filled up with zeroes by SQLite, which may be what was in it.
  const absl::StatusOr<int64_t> pages = reader.Int("PRAGMA page_count");
  if (!pages.ok()) return pages.status();
  const absl::StatusOr<int64_t> page_size = reader.Int("PRAGMA page_size");
  if (!page_size.ok()) return page_size.status();
  struct stat about;
  if (stat(path.c_str(), &about) != 0 || about.st_size != *pages * *page_size) {
    return absl::DataLossError(absl::StrCat("backup ", name, ": is damaged or cut short (it has not the size of its ",
                                            *pages, " pages): take another backup"));
  }
  const absl::StatusOr<int64_t> last = reader.Int("SELECT max(sequence) FROM records");
  if (!last.ok()) return last.status();
  JournalFileFacts facts;
  facts.format = *format;
  facts.last_sequence = *last;
  return facts;
}

}  // namespace jettyfleet
