// Prints docs/checks.md.
#include <iostream>

#include "coordinator/check/judge.h"
#include "docs/checks_page.h"

int main() {
  std::cout << jettyfleet::ChecksPage(jettyfleet::ListOfChecks());
  return 0;
}
