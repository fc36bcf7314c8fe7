// docs/checks.md, made from the checks themselves.
#ifndef JETTYFLEET_DOCS_CHECKS_PAGE_H_
#define JETTYFLEET_DOCS_CHECKS_PAGE_H_

#include <string>

#include "proto/check.pb.h"

namespace jettyfleet {

// The whole page, in Markdown.
std::string ChecksPage(const v1::ListChecksResponse& list);

}  // namespace jettyfleet

#endif  // JETTYFLEET_DOCS_CHECKS_PAGE_H_
