// The program `scrim-dataops`.
#include "command/program.h"
#include "commands.h"

int main(int argc, char** argv) {
  return scrim::cli::run_program(scrim::cli::program(), argc, argv);
}
