// A key comes from the operating system or a file; one from given bytes says so in its name.
#include <scrim/key.h>

scrim::Key make(const std::array<std::uint8_t, scrim::Key::kBytes>& bytes) {
#ifdef MISUSE
  return scrim::Key(bytes);
#endif
  return scrim::Key::from_bytes(bytes);
}
