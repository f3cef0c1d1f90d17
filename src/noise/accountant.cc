#include <scrim/noise.h>

#include "base/check.h"
#include "noise/account_file.h"
#include "noise/ledger.h"
#include "noise/marks.h"

#include <algorithm>
#include <mutex>

namespace scrim {
namespace {

// Two ways of computing one alpha: 0.8 as allocated, and as summed from float32 ratios.
constexpr double kRounding = 1e-6;

}  // namespace

struct Accountant::Impl {
  Impl(const std::filesystem::path& path, const Release& release, const Key& key,
       AccountantOptions wanted)
      : options(wanted),
        release_id(release.id()),
        counting_key(Key::from_bytes(key.counting_bytes())),
        ledger(release.noise()),
        file(path, {release_id, counting_key}) {}

  // Takes in what other processes counted. Needs the file's lock.
  void catch_up() {
    for (const AccountRecord& record : file.read_new()) ledger.add(record);
  }

  void refuse_beyond_limit(std::span<const AccountRecord> records) const {
    for (const AccountRecord& record : records) {
      const Spent after = ledger.spent_with(record.input, records);
      if (after.alpha >= options.least_alpha - kRounding) continue;
      fail(ErrorCode::kRefused, "release ", after.releases,
           " of one input or source is refused: all of them together would have alpha ",
           after.alpha, ", and the least is ", options.least_alpha);
    }
  }

  AccountantOptions options;
  std::string release_id;
  Key counting_key;
  std::mutex mutex;
  Ledger ledger;
  AccountFile file;
};

std::shared_ptr<Accountant> Accountant::open(const std::filesystem::path& file,
                                             const Release& release, const Key& key,
                                             AccountantOptions options) {
  check(0.0 < options.least_alpha && options.least_alpha < 1.0,
        "least_alpha must be in (0, 1), got ", options.least_alpha);
  auto impl = std::make_unique<Impl>(file, release, key, options);
  {
    const AccountFile::Lock lock(impl->file);
    impl->catch_up();
  }
  return std::shared_ptr<Accountant>(new Accountant(std::move(impl)));
}

Accountant::Accountant(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Accountant::~Accountant() = default;

double Accountant::least_alpha() const { return impl_->options.least_alpha; }

const std::string& Accountant::release_id() const { return impl_->release_id; }

const Key& Accountant::counting_key() const { return impl_->counting_key; }

void Accountant::charge(std::span<const AccountRecord> records) {
  const std::lock_guard threads(impl_->mutex);
  const AccountFile::Lock processes(impl_->file);
  impl_->catch_up();
  std::vector<AccountRecord> counted;
  for (const AccountRecord& record : records) {
    const bool twice = record.draw != Mark{} && std::ranges::find(counted, record) != counted.end();
    if (!twice && !impl_->ledger.holds(record)) counted.push_back(record);
  }
  if (counted.empty()) return;
  impl_->refuse_beyond_limit(counted);
  impl_->file.append(counted);
  for (const AccountRecord& record : counted) impl_->ledger.add(record);
}

Spent Accountant::spent(const Mark& input) {
  const std::lock_guard threads(impl_->mutex);
  const AccountFile::Lock processes(impl_->file);
  impl_->catch_up();
  return impl_->ledger.spent(input);
}

Spent Accountant::spent_by(const std::string& source) {
  return spent(source_mark(impl_->counting_key, source));
}

Spent Accountant::most_spent() {
  const std::lock_guard threads(impl_->mutex);
  const AccountFile::Lock processes(impl_->file);
  impl_->catch_up();
  return impl_->ledger.most_spent();
}

std::int64_t Accountant::releases() {
  const std::lock_guard threads(impl_->mutex);
  const AccountFile::Lock processes(impl_->file);
  impl_->catch_up();
  return impl_->ledger.releases();
}

}  // namespace scrim
