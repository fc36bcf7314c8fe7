#include "agent/unused_pages.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

namespace jettyfleet {
namespace {

constexpr absl::Duration kInterval = absl::Seconds(20);

// Only segments that were never writable: dropping a page of one that was would lose what was written there.
int DropReadOnlySegments(dl_phdr_info* object, std::size_t, void*) {
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const uintptr_t begin = (object->dlpi_addr + segment.p_vaddr + page - 1) / page * page;
    const uintptr_t end = (object->dlpi_addr + segment.p_vaddr + segment.p_filesz) / page * page;
    if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
  }
  return 1;  // the program itself comes first, and shared libraries are shared
}

}  // namespace

UnusedPages::UnusedPages(Loop& loop) : loop_(loop) { Schedule(); }

void UnusedPages::Schedule() {
  next_ = loop_.After(
      kInterval,
      [this] {
        dl_iterate_phdr(&DropReadOnlySegments, nullptr);
        // Reading crm_mon's XML or a CIB leaves free memory behind.
        malloc_trim(0);
        Schedule();
      },
      absl::Milliseconds(500));
}

}  // namespace jettyfleet
