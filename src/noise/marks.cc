#include "noise/marks.h"

#include "base/hash.h"

#include <algorithm>
#include <string_view>

namespace scrim {
namespace {

Mark mark_of(Hmac& hmac) {
  const Digest digest = hmac.finish();
  Mark mark{};
  std::copy_n(digest.begin(), mark.size(), mark.begin());
  return mark;
}

}  // namespace

Mark input_mark(const Key& counting_key, const InputSample& sample) {
  Hmac hmac(counting_key.bytes());
  hmac.update("scrim input v1").update(sample.release_id);
  hmac.update({reinterpret_cast<const std::uint8_t*>(sample.shape.data()), sizeof(sample.shape)});
  hash_values(hmac, sample.values, sample.clip);
  return mark_of(hmac);
}

Mark source_mark(const Key& counting_key, std::string_view source) {
  Hmac hmac(counting_key.bytes());
  return mark_of(hmac.update("scrim source v1").update(source));
}

Mark draw_mark(const Key& counting_key, const Nonce& nonce) {
  Hmac hmac(counting_key.bytes());
  return mark_of(hmac.update("scrim draw v1").update(nonce));
}

}  // namespace scrim
