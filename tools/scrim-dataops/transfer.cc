// Commands on transfers between volumes and S3.
#include "commands.h"
#include "credentials.h"
#include "engine.h"
#include "listing.h"
#include "output.h"

#include <memory>

namespace scrim::cli {
namespace {

struct TransferFlags {
  TransferPlan plan;
  std::string from, to, ca, credentials, profile = "default";
  std::vector<std::string> resources;
  bool no_verify = false;
  EngineFlags engine;
  OutputFlags output;
  YesFlag yes;
};

using SharedTransferFlags = std::shared_ptr<TransferFlags>;

constexpr std::string_view kStore = "s3://";

const std::vector<Column> kTransferColumns = {
    {"NAME", "name"},         {"STATE", "state"}, {"FROM", "from"},   {"TO", "to"},
    {"EVERY", "every", true}, {"BYTES", "bytes"}, {"FILES", "files"}, {"ENDED", "ended"}};

// A transfer's NAME, and the flags that all of its commands have.
SharedTransferFlags declare_named_transfer(CLI::App& app, bool changes) {
  auto flags = std::make_shared<TransferFlags>();
  app.add_option("NAME", flags->plan.name, "lower case letters, digits, '-' and '.'");
  flags->engine.declare(app, changes);
  flags->output.declare(app);
  return flags;
}

void require_name(const TransferFlags& flags) {
  require(!flags.plan.name.empty(), "the NAME of the transfer is missing");
  flags.output.check();
}

// "A/B/C" as A and B/C.
void split_at_slash(const std::string& place, std::string& first, std::string& rest) {
  const std::size_t slash = place.find('/');
  first = place.substr(0, slash);
  rest = slash == std::string::npos ? "" : place.substr(slash + 1);
}

void read_places(TransferFlags& flags) {
  require(!flags.from.empty() && !flags.to.empty(), "--from and --to are needed: one is ", kStore,
          "BUCKET/PREFIX, the other VOLUME/FOLDER");
  const bool down = flags.from.starts_with(kStore), up = flags.to.starts_with(kStore);
  require(down != up, "one of --from and --to is ", kStore, "BUCKET/PREFIX, not ",
          down ? "both" : "neither");
  flags.plan.direction = down ? TransferDirection::kDownload : TransferDirection::kUpload;
  const std::string& store = down ? flags.from : flags.to;
  split_at_slash(store.substr(kStore.size()), flags.plan.bucket, flags.plan.prefix);
  split_at_slash(down ? flags.to : flags.from, flags.plan.volume, flags.plan.folder);
}

void read_store(TransferFlags& flags) {
  S3Store& store = flags.plan.store;
  if (store.secret.empty()) {
    add_keys(flags.credentials, flags.profile, store);
  } else {
    require(flags.credentials.empty(), "--secret and --credentials exclude each other");
  }
  if (!flags.ca.empty()) store.ca = certificates_in(flags.ca);
}

int report(const TransferFlags& flags, const Session& session, const Outcome<Transfer>& done) {
  flags.output.print(session, kTransferColumns, to_json(done, flags.engine.space));
  return 0;
}

void declare_places(CLI::App& app, TransferFlags& flags) {
  app.add_option("--from", flags.from, "s3://BUCKET[/PREFIX], or VOLUME[/FOLDER]")
      ->type_name("PLACE");
  app.add_option("--to", flags.to, "the other of the two")->type_name("PLACE");
  app.add_flag("--object", flags.plan.object, "one object: PREFIX is its key, FOLDER its file");
  app.add_flag("--sync", flags.plan.sync, "delete at the target what the source has not");
  app.add_flag("--no-verify", flags.no_verify, "do not compare source and target afterwards");
  app.add_option("--every", flags.plan.every, "and again from now on: 30m, 1h, 1d")
      ->type_name("TIME");
}

void declare_store(CLI::App& app, TransferFlags& flags) {
  app.add_option("--endpoint", flags.plan.store.endpoint, "of the store, https://.. [Amazon's]")
      ->type_name("URL");
  app.add_option("--region", flags.plan.store.region, "of the bucket")->type_name("NAME");
  app.add_option("--ca", flags.ca, "certificates to trust, as PEM")->type_name("FILE");
  app.add_option("--credentials", flags.credentials,
                 "with the keys [~/.aws/credentials, or AWS_ACCESS_KEY_ID and so on]")
      ->type_name("FILE");
  app.add_option("--profile", flags.profile, "of that file")->type_name("NAME");
  app.add_option("--secret", flags.plan.store.secret, "of a cluster: a Secret with the keys")
      ->type_name("NAME");
  app.add_option("--image", flags.plan.image, "of a cluster: holds rclone [rclone's own]")
      ->type_name("IMAGE");
  app.add_option("--resource", flags.resources, "of a cluster: as memory=1Gi; repeated")
      ->type_name("NAME=N")
      ->allow_extra_args(false);
}

}  // namespace

Action declare_create_transfer(CLI::App& app) {
  const auto flags = std::make_shared<TransferFlags>();
  app.add_option("NAME", flags->plan.name, "lower case letters, digits, '-' and '.'");
  declare_places(app, *flags);
  declare_store(app, *flags);
  flags->engine.declare(app, /*changes=*/true);
  flags->output.declare(app);
  return [flags](const Session& session) {
    require_name(*flags);
    read_places(*flags);
    read_store(*flags);
    flags->plan.verify = !flags->no_verify;
    flags->plan.resources = pairs_of("--resource", flags->resources);
    return report(*flags, session, flags->engine.open(session)->create_transfer(flags->plan));
  };
}

Action declare_run_transfer(CLI::App& app) {
  const auto flags = declare_named_transfer(app, /*changes=*/true);
  return [flags](const Session& session) {
    require_name(*flags);
    return report(*flags, session, flags->engine.open(session)->run_transfer(flags->plan.name));
  };
}

Action declare_delete_transfer(CLI::App& app) {
  const auto flags = declare_named_transfer(app, /*changes=*/true);
  flags->yes.declare(app);
  return [flags](const Session& session) {
    require_name(*flags);
    const auto engine = flags->engine.open(session);
    const Transfer transfer = engine->transfer(flags->plan.name);
    if (!flags->engine.dry_run) flags->yes.ask(session, "Delete transfer '" + transfer.name + "'?");
    engine->delete_transfer(transfer.name);
    flags->output.print_gone(session, "transfer", transfer.name, flags->engine);
    flags->engine.say(session, "What was copied stays at '" + transfer.to + "'.");
    return 0;
  };
}

Action declare_list_transfers(CLI::App& app) {
  return declare_list(app, kTransferColumns, [](DataOps& engine, const std::string& space) {
    return rows_of(engine.transfers(), space);
  });
}

Action declare_show_transfer(CLI::App& app) {
  return declare_show(app, "transfer", [](DataOps& engine, const auto& name, const auto& space) {
    return to_json(engine.transfer(name), space);
  });
}

}  // namespace scrim::cli
