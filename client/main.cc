// The operator's command line.
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "client/cli.h"

namespace {

std::string Variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

int main(int argc, char** argv) {
  // Connection errors are told once, in our own words.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  const std::string terminal = Variable("TERM");
  const bool on_terminal = isatty(STDOUT_FILENO) == 1 && !terminal.empty() && terminal != "dumb";
  const jettyfleet::Console console{std::cout, std::cerr, on_terminal, on_terminal && Variable("NO_COLOR").empty()};
  return jettyfleet::RunClient(std::vector<std::string>(argv + 1, argv + argc),
                               {Variable("HOME"), Variable("JETTYFLEET_COORDINATOR")}, console);
}
