// Writes a picture as PNG: the pages' team.png from a drawn one.
#include <scrim/dataset.h>

int main(int, char** arguments) { scrim::write_png(arguments[2], scrim::read_image(arguments[1])); }
